// group_log: the outline of one group's log: bounds, term runs, configuration entries. Kept in
// memory so that a write needs no reads; turns each change into records. Knows nothing of syncs and
// threads.
#pragma once

#include <utility>
#include <vector>

#include "persistence/log_format.hpp"
#include "persistence/status.hpp"
#include "raft/output.hpp"
#include "raft/types.hpp"

namespace rocksdb {
class WriteBatch;
}

namespace troupe::persistence {

struct group_log {
  raft::log_index snapshot_index;
  raft::term snapshot_term;
  raft::log_index last;  ///< snapshot_index when the log is empty
  /// First index of each run of one term in (snapshot_index, last], ascending.
  std::vector<std::pair<raft::log_index, raft::term>> term_starts;
  /// Indexes of the configuration entries in (snapshot_index, last], ascending.
  std::vector<raft::log_index> configurations;

  /// The term of the entry, or of the snapshot at its index; none outside of the log.
  [[nodiscard]] raft::term term_at(raft::log_index index) const;
  [[nodiscard]] raft::term last_term() const { return term_at(last); }
  [[nodiscard]] log_marker marker() const;
};

/// Adds the records of `w` to `batch` and brings `log` up to them. On failure (entries that leave a
/// gap or reach below the snapshot: a broken invariant of the caller) both are to be discarded.
status stage_write(raft::group_id group, const raft::write& w, group_log& log,
                   rocksdb::WriteBatch& batch);

/// Forgets the log up to and including `point`, which must lie in it.
status stage_compaction(raft::group_id group, const raft::snapshot_point& point, group_log& log,
                        rocksdb::WriteBatch& batch);

}  // namespace troupe::persistence
