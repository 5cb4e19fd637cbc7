// http_load: load on /kv/v1 through keep-alive connections, one a caller, all on one thread. Knows
// HTTP only, nothing of groups.
#pragma once

#include <string>

#include "bench/load_options.hpp"
#include "bench/load_result.hpp"
#include "raft/expected.hpp"

namespace troupe::bench {

/// Returns once every caller has had its last answer, or why none could begin.
[[nodiscard]] raft::expected<load_result, std::string> load_http(const load_options& options);

}  // namespace troupe::bench
