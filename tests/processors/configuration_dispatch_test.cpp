#include <catch2/catch.hpp>

#include "persistence/memory_state.hpp"
#include "processors/configuration.hpp"
#include "processors/payload.hpp"

namespace troupe::processors {

namespace {

/// Answers with its name, and counts the hooks.
class named_part final : public configuration_part {
 public:
  named_part(std::string prefix, int& hooks) : prefix_(std::move(prefix)), hooks_(hooks) {}

  [[nodiscard]] bool understands(std::string_view verb) const override {
    return verb.substr(0, prefix_.size()) == prefix_;
  }
  reply apply(const command&, persistence::state_batch&) override { return reply::ok(prefix_); }
  [[nodiscard]] reply query(std::string_view, const persistence::state_view&) const override {
    return reply::ok("asked " + prefix_);
  }
  [[nodiscard]] bool query_may_scan(std::string_view verb) const override {
    return verb == prefix_ + "LIST";
  }
  void loaded(const persistence::state_view&) override { ++hooks_; }
  void committed() override { ++hooks_; }

 private:
  std::string prefix_;
  int& hooks_;
};

std::string payload(payload_kind kind, std::string_view verb) {
  payload_writer w(configuration_format, kind, 1);
  w.text(verb);
  return std::move(w).take();
}

struct two_parts {
  int hooks = 0;
  configuration group{[this] {
    std::vector<configuration::part_ptr> parts;
    parts.push_back(std::make_unique<named_part>("A_", hooks));
    parts.push_back(std::make_unique<named_part>("B_", hooks));
    return parts;
  }()};
  persistence::memory_state state;

  reply apply(std::string bytes) {
    return group.apply({raft::log_index{1}, raft::term{1}, raft::bytes(std::move(bytes))},
                       *state.begin());
  }
};

}  // namespace

TEST_CASE("a command reaches the part that understands its verb", "[configuration]") {
  two_parts t;
  CHECK(t.apply(payload(payload_kind::command, "A_ADD")).data == "A_");
  CHECK(t.apply(payload(payload_kind::command, "B_ADD")).data == "B_");
  const auto list = payload(payload_kind::query, "B_LIST");
  CHECK(t.group.query(list, *t.state.view()).data == "asked B_");
  CHECK(t.group.query_may_scan(list));
  CHECK_FALSE(t.group.query_may_scan(payload(payload_kind::query, "B_GET")));
}

TEST_CASE("what no part understands is refused and named", "[configuration]") {
  two_parts t;
  const auto unknown = t.apply(payload(payload_kind::command, "C_ADD"));
  CHECK_FALSE(unknown.success);
  CHECK(unknown.error == "Configuration operation failed. verb: C_ADD is unknown");
  CHECK_FALSE(t.apply(payload(payload_kind::query, "A_ADD")).success);
  CHECK_FALSE(t.apply("").success);
  CHECK_FALSE(t.apply("\xc1").success);
  CHECK_FALSE(t.group.query("\xc1", *t.state.view()).success);
  CHECK_FALSE(t.group.query_may_scan("\xc1"));
}

TEST_CASE("every part hears of loading and of commits", "[configuration]") {
  two_parts t;
  t.group.loaded(*t.state.view());
  CHECK(t.hooks == 2);
  t.group.committed();
  CHECK(t.hooks == 4);
}

}  // namespace troupe::processors
