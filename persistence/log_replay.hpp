// log_replay: makes of the log's records, read in the order in which they were written, what the
// log holds. The first records may be missing: segments whose records no longer counted, or were
// copied forward, are gone. Knows nothing of files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "persistence/group_log.hpp"
#include "persistence/log_records.hpp"
#include "persistence/status.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

/// What the records say of one group. Runs of entries with holes between them, which copies may
/// still fill: they stand behind the records that follow on what they hold.
class replayed_group {
 public:
  void set_hard(const raft::hard_state& hard, segment_number segment);
  /// What stands above the point stays; what does not is passed over in the end.
  void set_point(raft::snapshot_point point, segment_number segment, std::uint32_t bytes);
  void forget_from(raft::log_index first);
  /// Behind the last one, or anywhere above it.
  void append(raft::log_index index, raft::term term, const entry_place& place);
  void copy(raft::log_index index, raft::term term, const entry_place& place);
  void set_peers(raft::log_index index, raft::configuration peers);

  /// Brings `log` to what was replayed, and empties this. The answer says what is wrong with it,
  /// nothing when all is well.
  std::string finish(group_log& log);

 private:
  struct placed {
    raft::term term;
    entry_place place;
  };
  using run = std::vector<placed>;

  std::string finish_run(raft::log_index first, const run& entries, group_log& log);

  group_log head_;  ///< hard state and point
  std::map<raft::log_index, run> runs_;
  std::map<raft::log_index, raft::configuration> configurations_;
};

class log_replay {
 public:
  /// The records of one frame; its body begins at this offset of the segment. The same frame may
  /// come twice. corrupt when the records make no sense.
  status add(segment_number segment, std::size_t body_at, std::string_view body);
  /// The first segment that was needed when the last record was written.
  [[nodiscard]] segment_number begin() const { return begin_; }
  /// corrupt, and names the group, when entries are missing or contradict their hard state.
  status finish(std::map<raft::group_id, group_log>& groups);

 private:
  bool add_record(segment_number segment, std::size_t body_at, log_record_view record,
                  log_record_reader& from);

  segment_number begin_ = 1;
  std::unordered_map<raft::group_id, replayed_group> groups_;
};

}  // namespace troupe::persistence
