// log_staging: puts one frame together: checks each write against the log as the writes before it
// leave it, encodes it, and remembers what it changes, so that the change counts only once the
// frame is durable. A frame that fails needs no undoing. Knows nothing of files.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/log_contents.hpp"
#include "persistence/log_records.hpp"
#include "persistence/status.hpp"
#include "raft/output.hpp"

namespace troupe::persistence {

class log_staging {
 public:
  /// Forgets what was staged before.
  void start();

  /// Says corrupt when the entries leave a gap or reach below the point: a broken invariant of the
  /// caller. `w` must live until the frame is applied.
  status add(raft::group_id group, group_log& log, const raft::write& w);
  /// `point` must lie in the log.
  status add_compaction(raft::group_id group, group_log& log, const raft::snapshot_point& point);

  // ---- what an old segment still holds, once more; ahead of everything else ------------------
  void copy_hard_state(raft::group_id group, group_log& log);
  void copy_point(raft::group_id group, group_log& log);
  /// `count` entries of one term follow by copy_entry.
  void copy_run(raft::group_id group, group_log& log, raft::log_index first, std::uint32_t count);
  void copy_entry(std::string_view encoded, bool is_configuration);
  void add_begin(segment_number segment);

  [[nodiscard]] std::uint64_t bytes() const { return frame_.size(); }
  /// The whole frame, under this number.
  std::string_view seal(std::uint64_t number);
  /// The frame is durable at this offset of the segment.
  void apply(log_contents& to, segment_number segment, std::uint64_t at);

 private:
  struct change {
    group_log* log = nullptr;
    log_record kind{};
    raft::log_index first;
    raft::term term;
    raft::hard_state hard;
    std::optional<raft::snapshot_point> point;
    std::uint32_t bytes = 0;  ///< of the record of a point
    std::size_t first_place = 0;
    std::size_t count = 0;
    std::span<const raft::entry_ptr> entries;
  };

  staged_bounds& bounds_of(group_log& log);
  [[nodiscard]] raft::term term_at(const group_log& log, raft::log_index index) const;
  status check(raft::group_id group, group_log& log, const raft::entries& entries);
  void add_hard_state(raft::group_id group, group_log& log, const raft::hard_state& hard);
  void add_point(log_record kind, raft::group_id group, group_log& log,
                 const raft::snapshot_point& point);
  void add_run(raft::group_id group, group_log& log, std::span<const raft::entry_ptr> run);
  void add_place(std::size_t at);

  std::uint64_t attempt_ = 0;
  std::string frame_;
  std::vector<change> changes_;
  std::vector<entry_place> places_;  ///< of all runs, relative to the frame
};

}  // namespace troupe::persistence
