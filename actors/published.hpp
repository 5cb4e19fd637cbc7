// published: one value that an actor puts up for every thread to read, such as the handle of a role
// that may be started again. Knows nothing of what it holds.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

namespace troupe::actors {

template <class Value>
class published {
 public:
  void set(std::optional<Value> v) {
    value_.store(std::make_shared<const std::optional<Value>>(std::move(v)));
  }
  [[nodiscard]] std::optional<Value> get() const { return *value_.load(); }

 private:
  std::atomic<std::shared_ptr<const std::optional<Value>>> value_{
      std::make_shared<const std::optional<Value>>()};
};

}  // namespace troupe::actors
