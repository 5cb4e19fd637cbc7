// string_list: named lists of strings that grow at the end. Knows nothing of HTTP;
// string_list_messages.hpp says what it understands.
#pragma once

#include "groups/processor.hpp"
#include "processors/string_list_messages.hpp"

namespace troupe::processors {

class string_list : public processor {
 public:
  static constexpr std::string_view group_name = "strings";

  [[nodiscard]] std::string group() const override { return std::string(group_name); }
  reply apply(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  [[nodiscard]] bool query_may_scan(std::string_view request) const override;
};

}  // namespace troupe::processors
