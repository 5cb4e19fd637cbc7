// configuration_part: one family of commands and queries of the group nacos_config, told apart by
// their verb: configurations, namespaces, accounts. Knows nothing of the other families.
#pragma once

#include <cstdint>
#include <string_view>

#include "groups/processor.hpp"

namespace troupe::processors {

/// First field of every payload of the group, in the log and on the wire.
constexpr std::uint32_t configuration_format = 1;

/// Called like a processor's, by the group's processor, for what it understands. Each keeps to keys
/// of its own: configurations to those that begin with 'c', 'h', 'r'; namespaces 'n'; accounts 'u',
/// 'o', 'p'.
class configuration_part {
 public:
  configuration_part() = default;
  configuration_part(const configuration_part&) = delete;
  configuration_part& operator=(const configuration_part&) = delete;
  virtual ~configuration_part() = default;

  /// Whether a command or query with this verb belongs here. No two parts share one.
  [[nodiscard]] virtual bool understands(std::string_view verb) const = 0;

  virtual reply apply(const command& entry, persistence::state_batch& batch) = 0;
  [[nodiscard]] virtual reply query(std::string_view request,
                                    const persistence::state_view& view) const = 0;
  [[nodiscard]] virtual bool query_may_scan(std::string_view verb) const = 0;

  virtual void loaded(const persistence::state_view& view) { static_cast<void>(view); }
  virtual void committed() {}
};

}  // namespace troupe::processors
