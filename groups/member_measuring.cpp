// What a member measures: whether its disk still works.
#include <spdlog/spdlog.h>

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

}  // namespace troupe::groups
