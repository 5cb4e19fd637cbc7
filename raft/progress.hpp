// progress: what the leader knows of one follower's log, and how fast it may send to it.
//
//                rejected, unreachable              log no longer holds it
//   replicate  ------------------------>  probe  ------------------------->  snapshot
//   pipelined  <------------------------  one at <-------------------------  waits for
//                      accepted           a time   sent, failed, or reached  the host
//
// Knows neither messages nor quorums.
#pragma once

#include <cstdint>
#include <deque>

#include "raft/types.hpp"

namespace troupe::raft {

enum class progress_state : std::uint8_t { probe, replicate, snapshot };

struct flight_limits {
  std::uint32_t requests_max;
  std::uint64_t bytes_max;
};

/// Appends on their way to one follower, in order.
class flight_window {
 public:
  explicit flight_window(flight_limits limits) : limits_(limits) {}

  void add(log_index last, std::uint64_t bytes);
  /// The follower has everything up to `index`.
  void free_to(log_index index);
  void clear();
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(sent_.size()); }
  [[nodiscard]] bool is_full() const {
    return sent_.size() >= limits_.requests_max || bytes_ >= limits_.bytes_max;
  }

 private:
  struct request {
    log_index last;
    std::uint64_t bytes;
  };
  flight_limits limits_;
  std::deque<request> sent_;
  std::uint64_t bytes_ = 0;
};

class progress {
 public:
  progress(node_id follower, log_index next, flight_limits limits)
      : id(follower), next_(next), window_(limits) {}

  node_id id;
  bool is_learner = false;
  bool recently_active = false;    ///< answered since the last quorum check
  bool has_quiesced = false;       ///< took up the silence that was offered
  std::uint64_t heard_at = 0;      ///< when it last answered, in ticks
  std::uint64_t asked_at = 0;      ///< when the newest append left for it, in ticks
  log_index retained_from;         ///< what comes behind its snapshot; none: no snapshot
  log_index fetching_from;         ///< the host reads entries from here on for it; none: no fetch
  read_round acked_round;          ///< newest heartbeat round that it answered
  log_index told_commit;           ///< the one that its newest append carried
  std::uint64_t outbox_epoch = 0;  ///< the output that its newest append is still part of
  std::size_t outbox_at = 0;       ///< where in that output
  std::uint64_t outbox_bytes = 0;  ///< and how much it holds

  [[nodiscard]] progress_state state() const { return state_; }
  [[nodiscard]] log_index match() const { return match_; }
  [[nodiscard]] log_index next_index() const { return next_; }
  void heard(std::uint64_t now_ticks) {
    recently_active = true;
    heard_at = now_ticks;
  }
  [[nodiscard]] log_index pending_snapshot() const { return pending_snapshot_; }
  [[nodiscard]] bool is_paused() const { return is_waiting_ || state_ == progress_state::snapshot; }
  [[nodiscard]] const flight_window& in_flight() const { return window_; }

  void become_probe();
  void become_replicate();
  /// Until the host has one, the snapshot's index is not known and none.
  void become_snapshot(log_index snapshot);

  /// An append with `count` entries left for the follower.
  void sent(std::uint64_t count, std::uint64_t bytes);
  /// The follower's log matches up to `index`. False when that is no news.
  bool accepted(log_index index);
  /// The follower refused the append behind `index`; the logs may agree at `hint`. False when the
  /// refusal is older than what is already known.
  bool rejected(log_index index, log_index hint);
  void free_to(log_index index) { window_.free_to(index); }
  /// One more append may be sent, so that a lost one does not stall the follower.
  void resume() { is_waiting_ = false; }
  void pause() { is_waiting_ = true; }

 private:
  void enter(progress_state state);

  progress_state state_ = progress_state::probe;
  bool is_waiting_ = false;  ///< probe sent, or window full
  log_index match_;          ///< highest index known to be durable at the follower
  log_index next_;           ///< first index to send; > match, and > pending_snapshot
  log_index pending_snapshot_;
  flight_window window_;  ///< empty unless replicating
};

}  // namespace troupe::raft
