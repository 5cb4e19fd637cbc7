// proposal_times: when the proposals of a member that leads reached each stage on their way, a
// record for each batch, and what that says of the node. Knows neither clocks nor what is proposed.
//
//   bound    one record for each batch that is not yet applied: the core limits their bytes
#pragma once

#include <cstdint>
#include <deque>

#include "actors/result.hpp"
#include "actors/write_stages.hpp"
#include "raft/types.hpp"

namespace troupe::groups {

class proposal_times {
 public:
  explicit proposal_times(actors::write_stages& into) : into_(&into) {}

  /// `count` proposals up to `last` have their place in the log; the first of them came at `came`.
  void taken(raft::log_index last, std::uint64_t count, actors::clock::time_point came,
             actors::clock::time_point now) {
    uncommitted_.push_back({last, count, came, now});
  }
  void committed(raft::log_index upto, actors::clock::time_point now) {
    while (!uncommitted_.empty() && uncommitted_.front().last <= upto) {
      auto& b = uncommitted_.front();
      into_->replicate.add(now - b.reached, b.count);
      b.reached = now;
      unapplied_.push_back(b);
      uncommitted_.pop_front();
    }
  }
  /// What is applied is committed, whether that was told or not.
  void applied(raft::log_index upto, actors::clock::time_point now) {
    committed(upto, now);
    while (!unapplied_.empty() && unapplied_.front().last <= upto) {
      const auto& b = unapplied_.front();
      into_->apply.add(now - b.reached, b.count);
      into_->total.add(now - b.came, b.count);
      unapplied_.pop_front();
    }
  }
  /// Leadership has ended: other entries may take their places.
  void forget() {
    uncommitted_.clear();
    unapplied_.clear();
  }

 private:
  struct batch {
    raft::log_index last;
    std::uint64_t count;
    actors::clock::time_point came;
    actors::clock::time_point reached;  ///< the stage that it is in
  };

  actors::write_stages* into_;
  std::deque<batch> uncommitted_;
  std::deque<batch> unapplied_;
};

}  // namespace troupe::groups
