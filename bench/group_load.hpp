// group_load: load on key-value groups through their handles: callers that are no threads. In a
// closed loop each completion makes its caller's next request; in an open one a clock does. Knows
// not where the handles lead.
#pragma once

#include <vector>

#include "bench/load_options.hpp"
#include "bench/load_result.hpp"
#include "groups/group.hpp"

namespace troupe::bench {

/// `targets` are the handles of group_names(), in their order. Returns once every caller has had
/// its last answer.
[[nodiscard]] load_result load_groups(const load_options& options, std::vector<group> targets);

}  // namespace troupe::bench
