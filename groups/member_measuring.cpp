// What a member measures: whether its disk still works, and how long its writes take where.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "groups/member.hpp"

namespace troupe::groups {

bool member::is_disk_stalled(clock::time_point now) const {
  const auto limit = node_.facts->disk_stall_max;
  return limit.count() > 0 && node_.writing->under_way(now) > limit;
}

void member::make_way(raft::node_id successor, clock::time_point now) {
  spdlog::warn("group {}: the log has been at one write for {} ms, node {} is to lead", spec_.name,
               node_.writing->under_way(now) / std::chrono::milliseconds{1}, to_string(successor));
  makes_way_ = true;
}

void member::taken(const std::vector<propose_request>& batch, raft::log_index last,
                   clock::time_point now) {
  auto oldest = now;
  for (const auto& r : batch) {
    node_.figures->stages.queue.add(now - r.came);
    oldest = std::min(oldest, r.came);
  }
  proposal_times_->taken(last, batch.size(), oldest, now);
}

void member::measure(clock::time_point now) {
  // A follower hears of it with its next input, whenever that is.
  const bool is_told = core_->soft().role == raft::role::leader;
  for (; !writes_.empty() && writes_.front().sequence <= durable_; writes_.pop_front()) {
    if (is_told) node_.figures->stages.log.add(now - writes_.front().at);
  }
  proposal_times_->committed(core_->commit(), now);
}

}  // namespace troupe::groups
