// log_reading: entries from where they stand, neighbours with one read of the disk, each verified
// by its checksum. Knows nothing of what else the log holds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "persistence/group_log.hpp"
#include "persistence/log_segments.hpp"
#include "persistence/status.hpp"
#include "raft/entry.hpp"

namespace troupe::persistence {

/// Entries of one group, consecutive from `first`.
struct placed_entries {
  raft::group_id group;
  raft::log_index first;
  std::span<const entry_place> places;
};

/// Gets each entry and its encoded form, which lives as long as the call; false ends the reading.
using take_entry = std::function<bool(raft::entry_ptr, std::string_view encoded)>;

/// `files` holds every segment that the places name. Says corrupt, with group, index, segment and
/// offset, when an entry is not what belongs there.
status read_entries(const std::string& directory,
                    const std::map<segment_number, segment_file>& files,
                    const placed_entries& wanted, const take_entry& take);

}  // namespace troupe::persistence
