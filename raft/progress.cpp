#include "raft/progress.hpp"

#include <algorithm>

namespace troupe::raft {

void flight_window::add(log_index last, std::uint64_t bytes) {
  sent_.push_back({last, bytes});
  bytes_ += bytes;
}

void flight_window::free_to(log_index index) {
  while (!sent_.empty() && sent_.front().last <= index) {
    bytes_ -= sent_.front().bytes;
    sent_.pop_front();
  }
}

void flight_window::clear() {
  sent_.clear();
  bytes_ = 0;
}

void progress::enter(progress_state state) {
  state_ = state;
  is_waiting_ = false;
  pending_snapshot_ = log_index{};
  window_.clear();
}

void progress::become_probe() {
  // A snapshot that was sent may have arrived: go on behind it.
  const log_index arrived = state_ == progress_state::snapshot ? pending_snapshot_ : log_index{};
  enter(progress_state::probe);
  next_ = next(std::max(match_, arrived));
}

void progress::become_replicate() {
  enter(progress_state::replicate);
  next_ = next(match_);
}

void progress::become_snapshot(log_index snapshot) {
  enter(progress_state::snapshot);
  pending_snapshot_ = snapshot;
  if (!snapshot.is_none()) {
    next_ = next(std::max(match_, snapshot));
  }
}

void progress::sent(std::uint64_t count, std::uint64_t bytes) {
  if (state_ == progress_state::probe) {
    is_waiting_ = is_waiting_ || count > 0;
    return;
  }
  if (count > 0) {
    next_ = next_ + count;
    window_.add(previous(next_), bytes);
  }
  is_waiting_ = window_.is_full();
}

bool progress::accepted(log_index index) {
  if (index <= match_) {
    return false;
  }
  match_ = index;
  next_ = std::max(next_, next(index));
  is_waiting_ = false;
  return true;
}

bool progress::rejected(log_index index, log_index hint) {
  // What was acknowledged cannot be refused: the answer is late, or the follower lost its log. In
  // that case asking again at once would only be refused again, as fast as the network allows.
  if (index <= match_) {
    return false;
  }
  if (state_ == progress_state::replicate) {
    return true;  // the caller falls back to probing, which begins behind the match
  }
  // Only the one probe that is out can be refused; anything else is late.
  if (state_ == progress_state::snapshot || next(index) != next_) {
    return false;
  }
  next_ = std::max(std::min(index, next(hint)), next(match_));
  is_waiting_ = false;
  return true;
}

}  // namespace troupe::raft
