#include "raft/configuration_history.hpp"

#include <algorithm>

#include "raft/invariant.hpp"

namespace troupe::raft {

bool configuration_history::may_have_voter(node_id n) const {
  return std::any_of(held_.begin(), held_.end(),
                     [n](const auto& c) { return c.second.is_voter(n); });
}

void configuration_history::append(log_index index, configuration peers) {
  RAFT_CHECK(index > latest_index(), "configurations follow the order of the log");
  held_.emplace_back(index, std::move(peers));
}

bool configuration_history::truncate_from(log_index index) {
  const auto before = held_.size();
  while (held_.size() > 1 && latest_index() >= index) {
    held_.pop_back();
  }
  RAFT_CHECK(latest_index() < index, "a committed configuration is never truncated");
  return held_.size() != before;
}

void configuration_history::committed(log_index index) {
  auto newest = held_.begin();
  while (std::next(newest) != held_.end() && std::next(newest)->first <= index) {
    ++newest;
  }
  held_.erase(held_.begin(), newest);
}

void configuration_history::reset(log_index index, configuration peers) {
  held_.clear();
  held_.emplace_back(index, std::move(peers));
}

}  // namespace troupe::raft
