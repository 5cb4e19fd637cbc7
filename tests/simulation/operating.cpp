// The operator of the cluster: hands leadership over, and changes who takes part.
#include <algorithm>

#include "tests/simulation/world.hpp"

namespace troupe::simulation {

member* world::leader_of(std::uint32_t group) {
  member* found = nullptr;
  for (auto& n : nodes_) {
    auto& m = *n->members[group];
    const bool leads = n->is_up && !n->is_paused && m.core->soft().role == raft::role::leader;
    if (leads && (found == nullptr || m.core->soft().term > found->core->soft().term)) {
      found = &m;
    }
  }
  return found;
}

/// Whether majorities of these peers are not lost for ever; `without` counts as lost, too.
bool world::is_mendable(const raft::configuration& peers, raft::node_id without) const {
  const auto has_majority = [&](const std::vector<raft::node_id>& voters) {
    std::size_t lost = 0;
    for (const auto& n : nodes_) {
      const bool is_lost = n->is_wiped || n->id == without;
      const bool counts = disk_marks_[n->id.value()] == n->disk_mark;
      lost += is_lost && counts && std::binary_search(voters.begin(), voters.end(), n->id) ? 1 : 0;
    }
    return voters.empty() || voters.size() - lost > voters.size() / 2;
  };
  return has_majority(peers.voters) && has_majority(peers.outgoing);
}

void world::on_administer(std::uint32_t group) {
  arrange(spread(plan_.administer_units), event_kind::administer, {}, group);
}

void world::hand_over(member& leader) {
  const auto to = raft::node_id{1 + chance_.below(routes_.size() - 1)};
  trace_.strike(fault::transfer, leader.node, to.value());
  tell_ticks(leader);
  if (leader.core->transfer_leadership(to)) {
    trace_.note(happening::transfer_asked, leader.node, leader.group, to.value());
  }
  after_input(leader);
}

}  // namespace troupe::simulation
