#include "raft/read_index.hpp"

#include "raft/invariant.hpp"

namespace troupe::raft {

bool read_rounds::ask(request r) {
  if (pending_ >= pending_max_) {
    return false;
  }
  ++pending_;
  waiting_.push_back(r);
  return true;
}

read_round read_rounds::start(log_index commit, std::uint64_t now_ticks) {
  RAFT_CHECK(may_start(), "few read rounds are out at once");
  last_ = read_round{last_.value() + 1};
  rounds_.push_back({last_, commit, now_ticks, std::move(waiting_)});
  waiting_.clear();
  return last_;
}

read_round read_rounds::newest() const {
  return rounds_.empty() ? read_round{} : rounds_.back().number;
}

bool read_rounds::confirm(read_round number, std::vector<served>& out) {
  auto over = rounds_.begin();
  for (; over != rounds_.end() && over->number <= number; ++over) {
    for (const auto& asked : over->reads) {
      out.push_back({asked, over->index});
    }
    pending_ -= over->reads.size();
    confirmed_at_ = over->started_at;
    has_confirmed_ = true;
  }
  const bool news = over != rounds_.begin();
  rounds_.erase(rounds_.begin(), over);
  return news;
}

std::vector<read_rounds::request> read_rounds::clear() {
  std::vector<request> unserved;
  for (const auto& r : rounds_) {
    unserved.insert(unserved.end(), r.reads.begin(), r.reads.end());
  }
  unserved.insert(unserved.end(), waiting_.begin(), waiting_.end());
  rounds_.clear();
  waiting_.clear();
  pending_ = 0;
  has_confirmed_ = false;
  return unserved;
}

}  // namespace troupe::raft
