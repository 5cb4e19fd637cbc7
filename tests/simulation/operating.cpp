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

void world::on_administer(std::uint32_t group, bool is_extra) {
  if (!is_extra) {
    arrange(spread(plan_.administer_units), event_kind::administer, {}, group);
  }
  member* m = nullptr;
  for (auto& n : nodes_) {
    auto& held = *n->members[group];
    const bool leads = n->is_up && !n->is_paused && held.core->soft().role == raft::role::leader;
    if (leads && (m == nullptr || chance_.one_in(2))) {
      m = &held;
    }
  }
  if (m == nullptr) {
    return;
  }
  const auto peers = m->core->status().peers;
  if (peers.is_joint() && !peers.auto_leave && (is_settling_ || chance_.one_in(2))) {
    change(*m, peers, {});
  } else if (is_settling_ && !is_draining_) {
    const bool goes_on =
        plan_.faults.has(fault::membership) && !chance_.one_in(plan_.is_ambushed ? 10 : 2);
    change(*m, peers, goes_on ? draw_change(*m, peers) : removal_of_wiped(peers));
  } else if (!is_settling_ && plan_.faults.has(fault::membership)) {
    change(*m, peers, draw_change(*m, peers));
  }
  flush_links(node_of(*m));
}

void world::change(member& leader, const raft::configuration& peers,
                   const raft::configuration_change& wanted) {
  const auto target = raft::next_configuration(peers, wanted);
  // Nobody asks for a group that could not decide: who was wiped is known to be gone.
  if (!target || !is_mendable(*target)) {
    return;
  }
  trace_.strike(fault::membership, leader.node, wanted.changes.size());
  tell_ticks(leader);
  const auto taken = leader.core->propose_configuration(wanted);
  if (!taken) {
    trace_.note(happening::change_refused, leader.node, leader.group,
                static_cast<std::uint64_t>(taken.error().code));
  } else {
    lie_in_wait();
    trace_.note(happening::change_proposed, leader.node, leader.group, taken->first.value(),
                wanted.changes.size());
    if (target->is_joint()) {
      trace_.note(happening::joint_entered, leader.node, leader.group, taken->first.value());
    } else if (peers.is_joint()) {
      trace_.note(happening::joint_left, leader.node, leader.group, taken->first.value());
    }
  }
  after_input(leader);
}

/// A node that could take part; any of them, in or out of the group.
raft::node_id world::draw_node(bool in_group, const raft::configuration& peers) {
  for (int tries = 0; tries < 8; ++tries) {
    const auto& n = *nodes_[chance_.below(nodes_.size())];
    const bool is_sound = !n.is_wiped && disk_marks_[n.id.value()] == n.disk_mark;
    if (peers.contains(n.id) == in_group && (in_group || is_sound)) {
      return n.id;
    }
  }
  return {};
}

raft::configuration_change world::draw_change(const member& leader,
                                              const raft::configuration& peers) {
  using raft::change_kind;
  raft::configuration_change wanted;
  wanted.transition = chance_.one_in(2) ? raft::joint_transition::automatic
                                        : static_cast<raft::joint_transition>(chance_.below(3));
  const auto want = [&wanted](change_kind kind, raft::node_id id) {
    if (!id.is_none()) {
      wanted.changes.push_back({kind, id});
    }
  };
  const auto self = node_of(leader).id;
  const auto may_go = [&](raft::node_id id) {
    return id != self || plan_.faults.has(fault::leader_removal);
  };
  if (plan_.single_changes) {
    wanted.transition = raft::joint_transition::automatic;
  }
  const std::uint32_t count =
      !plan_.single_changes && chance_.one_in(3) ? chance_.between(2, 4) : 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto inside = draw_node(true, peers);
    switch (chance_.below(7)) {
      case 0:
        want(change_kind::add_learner, draw_node(false, peers));
        break;
      case 1:
      case 2:
        if (!peers.learners.empty()) {
          want(change_kind::add_voter, peers.learners[chance_.below(peers.learners.size())]);
        }
        break;
      case 3:
        want(change_kind::add_voter, draw_node(false, peers));
        break;
      case 4:
        if (may_go(inside) && peers.voters.size() > 2) {
          want(change_kind::remove, inside);
        }
        break;
      case 5:
        if (may_go(inside) && peers.voters.size() > 2) {
          want(change_kind::add_learner, inside);
        }
        break;
      default:
        want(change_kind::update, inside);
        break;
    }
  }
  // Whoever lost its disks is replaced before anything else.
  if (const auto gone = removal_of_wiped(peers);
      !gone.changes.empty() && chance_.one_in(plan_.is_ambushed ? 10 : 2)) {
    return gone;
  }
  if (wanted.changes.empty()) {
    want(change_kind::update, self);
  }
  return wanted;
}

/// The first voter whose disks are gone; nothing when there is none.
raft::configuration_change world::removal_of_wiped(const raft::configuration& peers) const {
  raft::configuration_change wanted;
  for (const auto& n : nodes_) {
    const bool is_voter = std::binary_search(peers.voters.begin(), peers.voters.end(), n->id);
    if (n->is_wiped && is_voter && wanted.changes.empty()) {
      wanted.changes.push_back({raft::change_kind::remove, n->id});
    }
  }
  return wanted;
}

void world::remove_leader(member& leader) {
  const auto peers = leader.core->status().peers;
  raft::configuration_change wanted;
  wanted.changes.push_back({raft::change_kind::remove, node_of(leader).id});
  if (peers.voters.size() > 1) {
    trace_.strike(fault::leader_removal, leader.node);
    change(leader, peers, wanted);
  }
}

void world::hand_over(member& leader) {
  const auto to = raft::node_id{1 + chance_.below(routes_.size() - 1)};
  trace_.strike(fault::transfer, leader.node, to.value());
  tell_ticks(leader);
  if (leader.core->transfer_leadership(to)) {
    lie_in_wait();
    transfer_targets_[leader.group] = to;
    trace_.note(happening::transfer_asked, leader.node, leader.group, to.value());
  }
  after_input(leader);
}

}  // namespace troupe::simulation
