// probe_policy: whether an instance is probed, at which port, how, and how patiently. Knows nothing
// of time and sockets. nacos-spec C.6, C.13.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "naming/prober.hpp"
#include "naming/service.hpp"
#include "processors/switch_values.hpp"

namespace troupe::naming {

/// What operators switch for all services at once.
struct probe_switches {
  bool enabled = true;
  std::set<std::string, std::less<>> white_list;  ///< "group@@name": probed even when not `enabled`
  std::uint32_t times = check_times_default;
  pace_limits tcp{5000, 1000, 0.75};
  pace_limits http{5000, 500, 0.85};
  pace_limits mysql{3000, 2000, 0.65};

  [[nodiscard]] const pace_limits& limits_of(std::string_view checker_type) const;
  /// What decides which instances are probed is as in `other`.
  [[nodiscard]] bool probes_the_same(const probe_switches& other) const {
    return enabled == other.enabled && white_list == other.white_list;
  }
};

/// `white_list` stays empty: no switch sets it.
probe_switches probe_switches_of(const processors::naming::switches& all);

/// Nothing when the instance is not to be probed: it is ephemeral (it beats), switched off by an
/// operator (complaint F10), its cluster has the checker NONE, or probing is switched off.
std::optional<probe_target> target_of(const service& s, const host& h,
                                      const probe_switches& switches);

}  // namespace troupe::naming
