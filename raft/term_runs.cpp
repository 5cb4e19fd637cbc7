#include "raft/term_runs.hpp"

#include <algorithm>

#include "raft/invariant.hpp"

namespace troupe::raft {

std::optional<term> term_runs::at(log_index index) const {
  if (index < base_ || index > last_) {
    return std::nullopt;
  }
  if (index == base_) {
    return base_term_;
  }
  // Nearly every question is about the newest term.
  if (index >= runs_.back().first) {
    return runs_.back().second;
  }
  const auto behind = std::upper_bound(runs_.begin(), runs_.end(), index,
                                       [](log_index i, const run& r) { return i < r.first; });
  return std::prev(behind)->second;
}

std::pair<log_index, term> term_runs::last_not_above(log_index index, raft::term limit) const {
  if (index < base_) {
    return {index, raft::term{}};
  }
  for (auto r = runs_.rbegin(); r != runs_.rend(); ++r) {
    if (index < r->first) {
      continue;
    }
    if (r->second <= limit) {
      return {index, r->second};
    }
    index = previous(r->first);
  }
  if (base_term_ <= limit) {
    return {index, base_term_};
  }
  return {previous(base_), raft::term{}};
}

void term_runs::extend(log_index through, raft::term t) {
  RAFT_CHECK(through > last_, "a log grows at its end");
  RAFT_CHECK(t >= last_term(), "terms never fall along a log");
  if (runs_.empty() || runs_.back().second != t) {
    runs_.emplace_back(next(last_), t);
  }
  last_ = through;
}

void term_runs::truncate_from(log_index index) {
  RAFT_CHECK(index > base_, "what a snapshot covers is never truncated");
  if (index > last_) {
    return;
  }
  while (!runs_.empty() && runs_.back().first >= index) {
    runs_.pop_back();
  }
  last_ = previous(index);
}

void term_runs::compact_to(log_index index) {
  RAFT_CHECK(index >= base_ && index <= last_, "a log is compacted within its bounds");
  if (index == base_) {
    return;
  }
  base_term_ = *at(index);
  base_ = index;
  auto keep = runs_.begin();
  while (keep != runs_.end()) {
    const auto behind = std::next(keep);
    const log_index end = behind == runs_.end() ? last_ : previous(behind->first);
    if (end > base_) {
      keep->first = std::max(keep->first, next(base_));
      break;
    }
    keep = behind;
  }
  runs_.erase(runs_.begin(), keep);
}

void term_runs::reset(log_index base, raft::term base_term) {
  base_ = base;
  base_term_ = base_term;
  last_ = base;
  runs_.clear();
}

}  // namespace troupe::raft
