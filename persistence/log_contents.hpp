// log_contents: what the log holds of every group, and how much of each segment is still needed.
// Follows the records that are durable. Knows nothing of how they got there.
#pragma once

#include <cstdint>
#include <map>
#include <span>

#include "persistence/group_log.hpp"
#include "persistence/log_segments.hpp"
#include "raft/entry.hpp"

namespace troupe::persistence {

struct held_segment {
  segment_file file;
  std::uint64_t bytes = 0;  ///< written
  std::uint64_t live = 0;   ///< of records that count
};

class log_contents {
 public:
  // References to groups keep: none is ever forgotten.
  std::map<raft::group_id, group_log> groups;
  std::map<segment_number, held_segment> segments;

  [[nodiscard]] const group_log* find(raft::group_id group) const;
  [[nodiscard]] std::uint64_t live_bytes() const { return live_; }

  // ---- records, in the order in which they were written ---------------------------------------
  void set_hard(group_log& log, const raft::hard_state& hard, segment_number segment);
  /// Entries above the point stay.
  void set_point(group_log& log, raft::snapshot_point point, segment_number segment,
                 std::uint32_t bytes);
  void install(group_log& log, raft::snapshot_point point, segment_number segment,
               std::uint32_t bytes);
  /// New entries of one term, in place of everything from `first` on.
  void append(group_log& log, raft::log_index first, raft::term term,
              std::span<const entry_place> places, std::span<const raft::entry_ptr> entries);
  /// Entries that now stand elsewhere.
  void move(group_log& log, raft::log_index first, std::span<const entry_place> places);

  /// Counts what a group that was read back holds.
  void count(const group_log& log);

 private:
  void add(segment_number segment, std::uint64_t bytes);
  void remove(segment_number segment, std::uint64_t bytes);
  void remove_entries(const group_log& log, raft::log_index from, raft::log_index to);
  void place_point(group_log& log, segment_number segment, std::uint32_t bytes);

  std::uint64_t live_ = 0;
};

}  // namespace troupe::persistence
