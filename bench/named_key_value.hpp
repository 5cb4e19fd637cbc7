// named_key_value: the key-value processor for a group of any name, as many groups want it. Knows
// nothing of nodes.
#pragma once

#include <string>
#include <utility>

#include "processors/key_value.hpp"

namespace troupe::bench {

class named_key_value final : public processors::key_value {
 public:
  explicit named_key_value(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] std::string group() const override { return name_; }

 private:
  const std::string name_;
};

}  // namespace troupe::bench
