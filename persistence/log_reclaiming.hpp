// log_reclaiming: gives back the space of old segments: says which hold nothing that is needed, and
// copies what little lives in the oldest forward when dead records outweigh the live ones. Knows
// nothing of syncs; the store writes and deletes.
#pragma once

#include <cstdint>
#include <string>

#include "persistence/log_contents.hpp"
#include "persistence/log_staging.hpp"
#include "persistence/status.hpp"

namespace troupe::persistence {

class log_reclaiming {
 public:
  log_reclaiming(std::string directory, std::uint64_t segment_bytes)
      : directory_(std::move(directory)), segment_bytes_(segment_bytes) {}

  /// The first segment that is still needed when those before it are not; 0: all are. Never the
  /// one that is written.
  [[nodiscard]] static segment_number first_needed(const log_contents& log, segment_number written);

  /// Where dead records outweigh live ones, stages about so many bytes of what lives in the oldest
  /// segment, from where the last slice ended.
  status stage_slice(log_contents& log, segment_number written, std::uint64_t bytes,
                     log_staging& to);
  /// The slice is durable: the next one begins behind it.
  void slice_done() { done_ = staged_; }

 private:
  struct position {
    segment_number segment = 0;
    raft::group_id group;   ///< the first that is not copied
    raft::log_index index;  ///< of it the first entry that is not; 0: nothing of it is
  };

  [[nodiscard]] bool is_wanted(const log_contents& log, segment_number written) const;
  status stage_entries(const log_contents& log, raft::group_id id, group_log& group,
                       std::uint64_t end, log_staging& to);
  status stage_run(const log_contents& log, raft::group_id id, group_log& group,
                   std::uint32_t count, log_staging& to);

  std::string directory_;
  std::uint64_t segment_bytes_;
  position done_;
  position staged_;
};

}  // namespace troupe::persistence
