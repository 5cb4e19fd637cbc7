// Faults that strike at a time of their own; those that befall a frame or an operation are made
// where these are handled.
#include <algorithm>

#include "tests/simulation/world.hpp"

namespace troupe::simulation {

void world::on_strike(bool is_ambush) {
  if (is_settling_) {
    return;
  }
  if (is_ambush) {
    ambush();
    return;
  }
  arrange(spread(plan_.strike_units), event_kind::strike, {});
  if (strikes_.empty()) {
    return;
  }
  const auto kind = strikes_[chance_.below(strikes_.size())];
  auto& n = *nodes_[chance_.below(nodes_.size())];
  if (!n.is_wiped) {
    strike(kind, n);
    flush_links(n);
  }
}

void world::strike(fault f, node& n) {
  const auto now = timeline_.now();
  switch (f) {
    case fault::one_way_cut:
      trace_.strike(f, n.index);
      return cut(plan_.is_ambushed ? any_leader(n) : n, *nodes_[chance_.below(nodes_.size())]);
    case fault::partition:
      trace_.strike(f, n.index);
      return split();
    case fault::crash:
      if (n.is_up) {
        trace_.strike(f, n.index);
        crash(n);
      }
      return;
    case fault::slow_disk:
      trace_.strike(f, n.index);
      n.slow_until = now + spread(8000);
      return;
    case fault::failed_sync:
      n.fails_next_sync = n.is_up;
      return;
    case fault::full_disk:
      trace_.strike(f, n.index);
      n.full_until = now + spread(4000);
      return;
    case fault::clock_jump:
      if (n.is_up && !n.is_paused && !plan_.leases) {
        trace_.strike(f, n.index);
        for (auto& m : n.members) {
          m->owed_ticks += chance_.between(2, 60);
          tell_ticks(*m);
          after_input(*m);
        }
      }
      return;
    case fault::pause:
      return pause(n);
    case fault::isolated_leader:
    case fault::transfer:
    case fault::leader_removal:
      if (auto* m = leader_of(chance_.below(plan_.groups))) {
        strike_leader(f, *m);
        if (f == fault::isolated_leader && plan_.is_ambushed) {
          lie_in_wait();
        }
      }
      return;
    case fault::wipe:
    case fault::impostor:
      return wipe(n, f == fault::impostor);
    default:
      return;
  }
}

/// Trouble that comes in the middle of something: a change, a transfer, an election.
void world::lie_in_wait() {
  if (!is_settling_ && chance_.one_in(plan_.is_ambushed ? 2 : 4)) {
    arrange(spread(plan_.travel_units * 2 + plan_.sync_units), event_kind::strike, {}, 0, 1);
  }
}

void world::ambush() {
  auto* m = leader_of(chance_.below(plan_.groups));
  if (m == nullptr) {
    return;
  }
  auto& n = node_of(*m);
  if (plan_.faults.has(fault::isolated_leader) && chance_.one_in(2)) {
    strike_leader(fault::isolated_leader, *m);
  } else if (plan_.faults.has(fault::partition) && chance_.one_in(2)) {
    strike(fault::partition, n);
  } else if (plan_.faults.has(fault::crash)) {
    strike(fault::crash, chance_.one_in(2) ? n : *nodes_[chance_.below(nodes_.size())]);
  }
}

/// The leader of any group; `otherwise` when there is none.
node& world::any_leader(node& otherwise) {
  auto* m = leader_of(chance_.below(plan_.groups));
  return m == nullptr ? otherwise : node_of(*m);
}

void world::strike_leader(fault f, member& leader) {
  if (f == fault::isolated_leader) {
    trace_.strike(f, leader.node);
    isolate(node_of(leader));
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      auto& other = *nodes_[i];
      const bool may_fall = other.is_up && other.index != leader.node;
      if (plan_.has_blackouts && plan_.faults.has(fault::crash) && may_fall && chance_.one_in(2)) {
        strike(fault::crash, other);
      }
    }
  } else if (f == fault::transfer) {
    hand_over(leader);
  } else {
    remove_leader(leader);
  }
  flush_links(node_of(leader));
}

// ---- links ----------------------------------------------------------------------------------

void world::cut(node& from, node& to) {
  if (from.index == to.index) {
    return;
  }
  severed_.push_back({.links = {{from.index, to.index}}, .is_mended = false});
  ++from.links[to.index].cuts;
  lose(from, to);
  arrange(spread(4000), event_kind::mend, {}, 0, static_cast<std::uint32_t>(severed_.size() - 1));
}

void world::isolate(node& n) {
  severed s;
  for (const auto& other : nodes_) {
    if (other->index != n.index) {
      s.links.emplace_back(n.index, other->index);
      s.links.emplace_back(other->index, n.index);
    }
  }
  for (const auto& [from, to] : s.links) {
    ++nodes_[from]->links[to].cuts;
    lose(*nodes_[from], *nodes_[to]);
  }
  severed_.push_back(std::move(s));
  arrange(spread(5000), event_kind::mend, {}, 0, static_cast<std::uint32_t>(severed_.size() - 1));
}

void world::split() {
  const auto side = chance_.draw();
  severed s;
  for (const auto& a : nodes_) {
    for (const auto& b : nodes_) {
      if (((side >> a->index) & 1U) != ((side >> b->index) & 1U)) {
        s.links.emplace_back(a->index, b->index);
        ++a->links[b->index].cuts;
        lose(*a, *b);
      }
    }
  }
  severed_.push_back(std::move(s));
  arrange(spread(6000), event_kind::mend, {}, 0, static_cast<std::uint32_t>(severed_.size() - 1));
}

void world::mend(std::uint32_t at) {
  auto& s = severed_[at];
  if (std::exchange(s.is_mended, true)) {
    return;
  }
  for (const auto& [from, to] : s.links) {
    --nodes_[from]->links[to].cuts;
  }
}

// ---- nodes ----------------------------------------------------------------------------------

void world::pause(node& n) {
  if (!n.is_up || n.is_paused) {
    return;
  }
  trace_.strike(fault::pause, n.index);
  n.is_paused = true;
  n.paused_at = timeline_.now();
  for (auto& other : nodes_) {
    if (plan_.core.quiesce_after_ticks > 0 && other->index != n.index) {
      notice_down(*other, n);
    }
  }
  arrange(spread(3000), event_kind::resume, n);
}

/// A node that loses its disks counts as gone for ever: every configuration that may come to decide
/// must have its majorities without it.
bool world::may_wipe(const node& n) const {
  for (std::uint32_t g = 0; g < plan_.groups; ++g) {
    const auto& truth = groups_[g];
    if (!is_mendable(truth.peers(), n.id)) {
      return false;
    }
    for (const auto& other : nodes_) {
      const auto& core = other->members[g]->core;
      // It may have appended one that no output has told of yet.
      if (core && core->soft().role == raft::role::leader &&
          !is_mendable(core->status().peers, n.id)) {
        return false;
      }
    }
    for (const auto& [index, peers] : truth.configurations()) {
      if (index > truth.peers_at() && !is_mendable(peers, n.id)) {
        return false;
      }
    }
  }
  return true;
}

void world::wipe(node& n, bool keeps_id) {
  if (nodes_.size() >= 14 || !may_wipe(n)) {
    return;
  }
  trace_.strike(keeps_id ? fault::impostor : fault::wipe, n.index);
  if (n.is_up) {
    crash(n);
  }
  ++n.life;
  n.is_wiped = true;
  trace_.note(happening::wiped, n.index, 0, n.id.value());
  const auto id = keeps_id ? n.id : raft::node_id{routes_.size()};
  start(*nodes_[add_node(id, !keeps_id)]);
}

}  // namespace troupe::simulation
