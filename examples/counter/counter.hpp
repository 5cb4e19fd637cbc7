// counter: one number that every node agrees on. A command adds to it, a query reads it.
#pragma once

#include <charconv>
#include <string>
#include <troupe/groups/processor.hpp>

class counter : public troupe::processor {
 public:
  // Registering the processor makes a Raft group of this name on every node.
  std::string group() const override { return "counter"; }

  // Runs on every node for every committed command, in the same order.
  troupe::reply apply(const troupe::command& c, troupe::persistence::state_batch& batch) override {
    const std::string_view text = c.data.view();
    long amount = 0;
    const auto [end, failed] = std::from_chars(text.begin(), text.end(), amount);
    if (failed != std::errc{} || end != text.end()) {
      return troupe::reply::refused("'" + std::string(text) + "' is not a number");
    }
    const long sum = std::stol(batch.get("sum").value_or("0")) + amount;
    batch.put("sum", std::to_string(sum));
    return troupe::reply::ok(std::to_string(sum));
  }

  // Reads what is committed; runs beside apply.
  troupe::reply query(std::string_view,
                      const troupe::persistence::state_view& view) const override {
    return troupe::reply::ok(view.get("sum").value_or("0"));
  }
};
