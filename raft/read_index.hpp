// read_index: the linearizable reads that a leader owes, and the heartbeat rounds that prove it
// still leads (Thesis §6.4). A round's number is never used again: a late answer to an older round
// says nothing about reads asked since. Knows neither messages nor quorums.
#pragma once

#include <cstdint>
#include <vector>

#include "raft/output.hpp"
#include "raft/types.hpp"

namespace troupe::raft {

class read_rounds {
 public:
  struct request {
    node_id asker;  ///< none: this member's own host
    read_id id;
  };
  struct served {
    request asked;
    log_index index;
  };

  explicit read_rounds(std::uint32_t pending_max) : pending_max_(pending_max) {}

  /// False when too many reads are pending.
  [[nodiscard]] bool ask(request r);
  /// Reads wait, and a round for them may start. Few rounds are out at once: reads that come
  /// meanwhile gather and share the next one.
  [[nodiscard]] bool wants_round() const { return !waiting_.empty() && may_start(); }
  [[nodiscard]] bool may_start() const { return rounds_.size() < rounds_max; }

  [[nodiscard]] bool has_pending() const { return pending_ > 0; }

  /// Everything that waits is confirmed by this round, at the commit index of now.
  read_round start(log_index commit, std::uint64_t now_ticks);
  /// The newest round that is out; none when nothing is.
  [[nodiscard]] read_round newest() const;
  /// The newest round ever started.
  [[nodiscard]] read_round last_started() const { return last_; }

  /// A quorum answered this round: it and all before it are over. Returns when the newest of them
  /// started; their reads are appended to `out`. False when that is no news.
  bool confirm(read_round number, std::vector<served>& out);
  /// When the newest confirmed round started, in ticks. The leader led at that time.
  [[nodiscard]] std::uint64_t confirmed_at_ticks() const { return confirmed_at_; }
  [[nodiscard]] bool has_confirmed() const { return has_confirmed_; }

  /// Leadership ended or began: everything pending is given back unserved.
  std::vector<request> clear();

 private:
  static constexpr std::size_t rounds_max = 4;

  struct round {
    read_round number;
    log_index index;
    std::uint64_t started_at;
    std::vector<request> reads;
  };

  std::uint32_t pending_max_;
  std::size_t pending_ = 0;
  std::vector<request> waiting_;
  std::vector<round> rounds_;  ///< numbers rise; at most rounds_max
  read_round last_;            ///< outlives leaderships
  bool has_confirmed_ = false;
  std::uint64_t confirmed_at_ = 0;
};

}  // namespace troupe::raft
