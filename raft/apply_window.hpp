// apply_window: how many bytes were handed out to be applied and are not applied yet. Counts in the
// batches in which entries were handed out; knows no entries.
#pragma once

#include <cstdint>
#include <deque>

#include "raft/types.hpp"

namespace troupe::raft {

class apply_window {
 public:
  [[nodiscard]] std::uint64_t outstanding_bytes() const { return outstanding_; }

  void handed_out(log_index last, std::uint64_t bytes) {
    batches_.push_back({last, bytes});
    outstanding_ += bytes;
  }

  /// A batch counts until its last entry is applied.
  void applied(log_index index) {
    while (!batches_.empty() && batches_.front().last <= index) {
      outstanding_ -= batches_.front().bytes;
      batches_.pop_front();
    }
  }

  void clear() { *this = {}; }

 private:
  struct batch {
    log_index last;
    std::uint64_t bytes;
  };
  std::deque<batch> batches_;
  std::uint64_t outstanding_ = 0;
};

}  // namespace troupe::raft
