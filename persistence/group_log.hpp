// group_log: what is known of one group's log without reading it: hard state, bounds, term runs,
// configurations, and where each entry stands. Knows nothing of files, syncs and threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "persistence/log_frames.hpp"
#include "raft/entry.hpp"
#include "raft/message.hpp"
#include "raft/output.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

/// Where an entry's encoded form stands. Twelve bytes: a log may have millions of them.
struct entry_place {
  segment_number segment = 0;
  std::uint32_t at = 0;
  std::uint32_t bytes = 0;
};

/// A queue that gives its memory back.
class entry_places {
 public:
  [[nodiscard]] std::size_t size() const { return held_.size() - head_; }
  [[nodiscard]] entry_place& operator[](std::size_t i) { return held_[head_ + i]; }
  [[nodiscard]] const entry_place& operator[](std::size_t i) const { return held_[head_ + i]; }
  void reserve(std::size_t count) { held_.reserve(head_ + count); }
  void push_back(const entry_place& place) { held_.push_back(place); }
  void keep_front(std::size_t count) { held_.resize(head_ + count); }
  void drop_front(std::size_t count);

 private:
  std::vector<entry_place> held_;
  std::size_t head_ = 0;
};

/// The bounds of a log as the write that is being put together will leave them.
struct staged_bounds {
  std::uint64_t attempt = 0;  ///< which write they belong to
  raft::log_index begin;      ///< of the point
  raft::log_index last;
  raft::term last_term;
};

struct group_log {
  raft::hard_state hard;
  segment_number hard_segment = 0;  ///< of its newest record; 0: there is none
  raft::snapshot_point point;       ///< the log begins behind it
  segment_number point_segment = 0;
  std::uint32_t point_bytes = 0;
  bool begins_unwritten = false;  ///< `point` goes along with the group's first write
  /// Of the entries (point.index, last].
  entry_places places;
  std::uint64_t entry_bytes = 0;  ///< the sum over `places`, with what stands before each entry
  /// First index of each run of one term in (point.index, last], ascending.
  std::vector<std::pair<raft::log_index, raft::term>> term_starts;
  /// Of the configuration entries in (point.index, last], ascending.
  std::vector<std::pair<raft::log_index, raft::configuration>> configurations;
  staged_bounds staged;

  [[nodiscard]] raft::log_index last() const { return point.index + places.size(); }
  [[nodiscard]] bool holds(raft::log_index i) const { return i > point.index && i <= last(); }
  /// The term of the entry, or of the point at its index; none outside of the log.
  [[nodiscard]] raft::term term_at(raft::log_index index) const;
  /// The one in force at this index of the log.
  [[nodiscard]] const raft::configuration& configuration_at(raft::log_index index) const;
  [[nodiscard]] entry_place& place(raft::log_index i) {
    return places[distance(point.index, i) - 1];
  }
  [[nodiscard]] const entry_place& place(raft::log_index i) const {
    return places[distance(point.index, i) - 1];
  }

  /// Adds an entry of this term behind the last one.
  void add(raft::term term, const entry_place& where);
  void forget_from(raft::log_index first);
  /// Begins behind `to`: what stands above it stays.
  void move_point(raft::snapshot_point to);
};

}  // namespace troupe::persistence
