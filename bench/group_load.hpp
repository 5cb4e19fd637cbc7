// group_load: load on a key-value group through its handle: callers that are no threads; each
// completion makes the caller's next request. Knows not where the handle leads.
#pragma once

#include "bench/load_options.hpp"
#include "bench/load_result.hpp"
#include "groups/group.hpp"

namespace troupe::bench {

/// Returns once every caller has had its last answer.
[[nodiscard]] load_result load_group(const load_options& options, const group& target);

}  // namespace troupe::bench
