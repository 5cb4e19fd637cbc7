// durable_mark: how far a member's writes are durable, as the log writer leaves it for the member's
// next turn. A follower's answers leave with the write itself, and what it does next waits for the
// leader anyway: waking it with each sync would be a turn for nothing. Knows nothing of what a
// write holds.
//
// Whoever wants to be woken says so first and looks after that; the writer moves the mark first and
// asks after that. So one of the two sees what the other did.
#pragma once

#include <atomic>

#include "raft/types.hpp"

namespace troupe::actors {

class durable_mark {
 public:
  // ---- the member
  [[nodiscard]] raft::write_sequence reached() const {
    return raft::write_sequence{reached_.load()};
  }
  /// Whether the next move of the mark is to be told.
  void want_news(bool wanted) { wanted_ = wanted; }

  // ---- the log writer
  /// True: the member is to be told.
  [[nodiscard]] bool move_to(raft::write_sequence sequence) {
    reached_ = sequence.value();
    return wanted_;
  }

 private:
  std::atomic<std::uint64_t> reached_{0};
  std::atomic<bool> wanted_{true};
};

}  // namespace troupe::actors
