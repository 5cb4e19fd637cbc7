// What is asked of a member after each input, and of each message before it leaves.
#include <algorithm>

#include "raft/quorum.hpp"
#include "tests/simulation/world.hpp"

namespace troupe::simulation {

void world::observe(member& m) {
  observe_role(m);
  observe_commit(m);
}

void world::observe_role(member& m) {
  const auto& now = m.core->soft();
  const auto before = m.seen;
  if (now == before) {
    return;
  }
  require(now.term >= before.term, "terms never fall while a member runs");
  m.seen = now;
  if (now.term > before.term) {
    if (now.role != raft::role::follower && now.role != raft::role::pre_candidate) {
      groups_[m.group].campaigned(now.term);
    }
    groups_[m.group].entered(now.term);
  }
  const bool leads = now.role == raft::role::leader;
  const bool led = before.role == raft::role::leader;
  if (leads && !(led && before.term == now.term)) {
    trace_.note(happening::became_leader, m.node, m.group, now.term.value());
    if (std::exchange(transfer_targets_[m.group], {}) == node_of(m).id) {
      trace_.note(happening::transferred, m.node, m.group, now.term.value());
    }
    groups_[m.group].led(now.term, node_of(m).id, *m.core);
    if (plan_.faults.has(fault::membership) && chance_.one_in(2)) {
      // Operators are impatient: the first change comes before the leader knows what is committed.
      arrange(chance_.below(plan_.travel_units), event_kind::administer, {}, m.group, 1);
    }
  } else if (led && !leads) {
    trace_.note(happening::left_leadership, m.node, m.group, now.term.value());
  } else if (now.role == raft::role::candidate && before.role != raft::role::candidate) {
    trace_.note(happening::became_candidate, m.node, m.group, now.term.value());
  }
  if (led && !(leads && before.term == now.term)) {
    fail_queued(m);
  }
}

void world::observe_commit(member& m) {
  const auto commit = m.core->commit();
  if (commit == m.seen_commit) {
    return;
  }
  require(commit > m.seen_commit, "the commit index never falls while a member runs");
  m.seen_commit = commit;
  auto& truth = groups_[m.group];
  const auto peers_at = truth.peers_at();
  truth.committed(*m.core);
  if (truth.peers_at() != peers_at) {
    trace_.note(happening::change_committed, m.node, m.group, truth.peers_at().value());
    if (!m.appending_term.is_none() && !truth.peers().contains(node_of(m).id)) {
      trace_.note(happening::leader_removed, m.node, m.group, truth.peers_at().value());
    }
  }
  if (m.core->soft().role == raft::role::leader && !plan_.batches_inputs) {
    check_quorum_holds(m, commit);
  }
}

// The configuration in force when the index was counted is the one before this input's output.
void world::check_quorum_holds(const member& m, raft::log_index index) const {
  const auto t = m.core->term_at(index);
  require(t.has_value(), "a leader holds what it commits");
  const auto& peers = m.configurations.back().second;
  const auto is_held_by = [&](const std::vector<raft::node_id>& voters) {
    std::size_t holders = 0;
    for (const auto& n : nodes_) {
      const bool is_voter = std::binary_search(voters.begin(), voters.end(), n->id);
      holders += is_voter && n->members[m.group]->log.holds(index, *t) ? 1 : 0;
    }
    return voters.empty() || holders > voters.size() / 2;
  };
  require(is_held_by(peers.voters) && is_held_by(peers.outgoing),
          "what a leader commits is on the disks of a quorum");
}

void world::check_write(member& m, const raft::write& w) {
  if (w.snapshot) {
    require(m.appending_term.is_none(), "a leader installs no snapshot");
  }
  if (w.entries.empty()) {
    return;
  }
  const auto first = w.entries.front()->index;
  if (!w.snapshot && first <= m.issued_last) {
    const auto& now = m.core->soft();
    const bool still_leads = now.role == raft::role::leader && now.term == m.appending_term;
    require(!still_leads, "leader append-only: a leader takes nothing of its log back");
    trace_.note(happening::truncated, m.node, m.group, first.value(), m.issued_last.value());
    while (m.configurations.size() > 1 && m.configurations.back().first >= first) {
      m.configurations.pop_back();
    }
  }
  auto before = m.core->term_at(raft::previous(first));
  require(before.has_value(), "a write follows on the log");
  for (const auto& e : w.entries) {
    require(e->term >= *before, "terms never fall along a log");
    groups_[m.group].written(e, *before);
    before = e->term;
  }
}

namespace {

struct leaving {
  const raft::message& msg;
  const log_image& disk;

  [[nodiscard]] bool is_term_durable() const { return disk.hard().term >= msg.term; }
  [[nodiscard]] bool has_vote_for(raft::node_id whom) const {
    return disk.hard().term > msg.term ||
           (disk.hard().term == msg.term && disk.hard().vote == whom);
  }

  void operator()(const raft::vote_response& r) const {
    if (!r.pre_vote) {
      require(!r.granted || has_vote_for(msg.to), "a vote leaves once it is durable");
      require(is_term_durable(), "an answer leaves once its term is durable");
    }
  }
  void operator()(const raft::vote_request& r) const {
    require(r.pre_vote || has_vote_for(msg.from),
            "a candidate asks once its vote for itself is durable");
  }
  void operator()(const raft::append_response& r) const {
    require(is_term_durable(), "an answer leaves once its term is durable");
    if (r.accepted && disk.hard().term == msg.term) {
      require(r.matched <= disk.last(), "an acceptance leaves once its entries are durable");
    }
  }
  void operator()(const raft::heartbeat_response&) const {
    require(is_term_durable(), "an answer leaves once its term is durable");
  }
  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

void world::check_leaving(member& m, const raft::message& msg) {
  std::visit(leaving{msg, m.log}, msg.body);
  if (is_refused(node_of(m), node_of(m))) {
    return;  // nobody will listen
  }
  if (const auto* vote = std::get_if<raft::vote_response>(&msg.body)) {
    if (vote->granted && !vote->pre_vote) {
      groups_[m.group].voted(msg.term, msg.from, msg.to);
    }
  } else if (const auto* ask = std::get_if<raft::vote_request>(&msg.body)) {
    if (!ask->pre_vote) {
      groups_[m.group].voted(msg.term, msg.from, msg.from);
    }
  }
}

}  // namespace troupe::simulation
