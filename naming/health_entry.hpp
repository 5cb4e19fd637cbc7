// health_entry: the log entry of flips that were found together. Knows nothing of who found them.
#pragma once

#include <string>
#include <vector>

#include "naming/probe_book.hpp"
#include "processors/naming_messages.hpp"

namespace troupe::naming {

/// For the group of the persistent instances; at most health_changes_max flips. Reasons are cut to
/// what an entry may hold.
std::string encode_health_entry(const std::vector<health_flip>& flips,
                                const processors::naming::stamp& stamp);

}  // namespace troupe::naming
