// The end of a simulation: no more faults. Within bounded time each group must have a leader, every
// operation must be decided, and all members must hold the same.
#include <algorithm>

#include "tests/simulation/world.hpp"

namespace troupe::simulation {

namespace {

constexpr std::uint64_t leader_timeouts_max = 100;   // in election timeouts
constexpr std::uint64_t settled_timeouts_max = 600;  // the same

/// Whether a configuration that decides, or may come to, has this member.
bool is_wanted(const oracle& group, raft::node_id id) {
  const auto& all = group.configurations();
  return group.peers().contains(id) || std::any_of(all.begin(), all.end(), [&](const auto& held) {
           return held.first > group.chosen() && held.second.contains(id);
         });
}

}  // namespace

void world::heal() {
  is_settling_ = true;
  trace_.note(happening::healed, 0, 0, trace_.steps());
  for (std::size_t i = 0; i < severed_.size(); ++i) {
    mend(static_cast<std::uint32_t>(i));
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    auto& n = *nodes_[i];
    n.tick_interval = tick_units;
    n.slow_until = n.full_until = 0;
    n.fails_next_sync = false;
    const bool is_impostor = disk_marks_[n.id.value()] != n.disk_mark;
    if (is_impostor && n.is_up) {
      stop(n, happening::stopped);
    }
    if (!n.is_up && !is_impostor) {
      start(n);
    } else if (n.is_paused) {
      on_resume(n);
    }
    flush_links(n);
  }
}

void world::settle() {
  const auto timeout = plan_.core.election_timeout_ticks * std::uint64_t{tick_units};
  const auto leaders_by = timeline_.now() + leader_timeouts_max * timeout;
  while (!has_leaders()) {
    require(timeline_.now() < leaders_by, "liveness: each group elects a leader");
    for (int i = 0; i < 64; ++i) {
      handle(timeline_.next());
    }
    retire_removed();
  }
  const auto settled_by = timeline_.now() + settled_timeouts_max * timeout;
  const auto drained_from = timeline_.now() + 20 * timeout;
  while (!is_settled()) {
    is_draining_ = timeline_.now() > drained_from;
    require(timeline_.now() < settled_by, "liveness: what was begun is decided, and all agree");
    for (int i = 0; i < 64; ++i) {
      handle(timeline_.next());
    }
    retire_removed();
  }
  trace_.note(happening::settled, 0, 0, trace_.steps());
}

bool world::has_leaders() {
  for (std::uint32_t g = 0; g < plan_.groups; ++g) {
    const auto* m = leader_of(g);
    if (m == nullptr) {
      return false;
    }
    const auto commit = m->core->commit();
    if (m->core->term_at(commit) != m->core->soft().term) {
      return false;
    }
  }
  return true;
}

/// Members that the group has left behind are told nothing; the operator stops them, and starts
/// them again when they are wanted after all.
void world::retire_removed() {
  for (auto& n : nodes_) {
    const bool is_needed = std::any_of(groups_.begin(), groups_.end(),
                                       [&n](const oracle& g) { return is_wanted(g, n->id); });
    const bool is_sound = !n->is_wiped && disk_marks_[n->id.value()] == n->disk_mark;
    if (!n->is_up && is_needed && is_sound) {
      start(*n);
      flush_links(*n);
    }
    const bool disturbs =
        n->is_up && std::any_of(n->members.begin(), n->members.end(), [](const auto& m) {
          const auto r = m->core->soft().role;
          return r == raft::role::candidate || r == raft::role::pre_candidate;
        });
    if (!is_needed && disturbs) {
      stop(*n, happening::stopped);
    }
  }
}

bool world::is_settled() {
  const bool is_idle =
      std::none_of(clients_.begin(), clients_.end(), [](const client& c) { return c.is_busy; });
  if (!is_draining_ || !is_idle) {
    return false;
  }
  for (std::uint32_t g = 0; g < plan_.groups; ++g) {
    if (!is_settled(g)) {
      return false;
    }
  }
  return true;
}

bool world::is_settled(std::uint32_t group) {
  const auto& truth = groups_[group];
  const auto* leader = leader_of(group);
  if (leader == nullptr || truth.peers().is_joint() || leader->issued_last != truth.chosen()) {
    return false;
  }
  for (const auto& n : nodes_) {
    const bool counts =
        !n->is_wiped && disk_marks_[n->id.value()] == n->disk_mark && truth.peers().contains(n->id);
    if (!counts) {
      continue;
    }
    const auto& m = *n->members[group];
    if (!n->is_up || m.core->commit() != truth.chosen() ||
        m.state.now().applied() != truth.chosen() || m.log.last() != truth.chosen()) {
      return false;
    }
    require(m.state.now().hash() == truth.state_hash(), "all members hold the same in the end");
  }
  return true;
}

}  // namespace troupe::simulation
