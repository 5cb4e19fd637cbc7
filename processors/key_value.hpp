// key_value: a map from keys of any bytes to values of any bytes, each value with the log index of
// the write that made it. Knows nothing of HTTP; key_value_messages.hpp says what it understands.
#pragma once

#include "groups/processor.hpp"
#include "processors/key_value_messages.hpp"

namespace troupe::processors {

class key_value : public processor {
 public:
  static constexpr std::string_view group_name = "kv";

  [[nodiscard]] std::string group() const override { return std::string(group_name); }
  reply apply(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  [[nodiscard]] bool query_may_scan(std::string_view request) const override;
  [[nodiscard]] bool followers_may_lag() const override { return true; }
};

}  // namespace troupe::processors
