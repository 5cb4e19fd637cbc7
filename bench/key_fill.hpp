// key_fill: writes every key of every group once, so that reads find something. Knows not where the
// handles lead.
#pragma once

#include <string>
#include <vector>

#include "bench/load_options.hpp"
#include "groups/group.hpp"

namespace troupe::bench {

/// Returns once all are written, or why one could not be, after what is under way has been
/// answered.
[[nodiscard]] std::string fill_keys(const load_options& options, const std::vector<group>& targets);

}  // namespace troupe::bench
