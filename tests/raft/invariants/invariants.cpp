#include "tests/raft/invariants/invariants.hpp"

#include <algorithm>

#include "raft/quorum.hpp"

namespace troupe::raft::testing {

namespace {

bool is_same(const entry& a, const entry& b) {
  return a.type == b.type && a.data == b.data && a.peers == b.peers;
}

/// What a snapshot covers counts as held.
bool holds(const disk& d, log_index index, raft::term t) {
  if (index <= d.snapshot.index) {
    return true;
  }
  return index <= d.last() && d.at(index)->term == t;
}

raft::term term_on(const disk& d, log_index index) {
  return index == d.snapshot.index ? d.snapshot.term : d.at(index)->term;
}

}  // namespace

void invariants::require(bool holds, const char* property) {
  ++checks_;
  if (!holds) {
    throw invariant_broken(property);
  }
}

// ---- members --------------------------------------------------------------------------------

void invariants::started(const node_view& view) {
  const disk& d = *view.durable;
  auto& s = members_[view.id];
  for (const auto& e : d.log) {
    remember(e, term_on(d, previous(e->index)));
  }
  s.term = view.machine->soft().term;
  s.commit = view.machine->commit();
  s.hard = d.hard;
  s.led = {};
  s.handed_out = d.applied;
  s.peers = view.machine->peers();
}

void invariants::observe(const node_view& view, std::span<const node_view> all) {
  auto& s = members_.at(view.id);
  check_hard_state(s, view);
  if (view.machine == nullptr) {
    return;
  }
  const auto now = view.machine->soft().term;
  require(now >= s.term, "terms never fall while a member runs");
  s.term = now;
  check_leader(s, view);
  check_commit(s, view, all);
  if (view.machine->peers() != s.peers) {
    s.peers = view.machine->peers();
  }
}

// Raft figure 2: the term and the vote in it are what a member may never forget.
void invariants::check_hard_state(seen& s, const node_view& view) {
  const auto& now = view.durable->hard;
  if (now == s.hard) {
    return;
  }
  require(now.term >= s.hard.term, "the durable term never falls");
  require(now.term > s.hard.term || s.hard.vote.is_none() || now.vote == s.hard.vote,
          "a durable vote is never taken back");
  s.hard = now;
}

void invariants::check_leader(seen& s, const node_view& view) {
  const auto& soft = view.machine->soft();
  if (soft.role != role::leader || s.led == soft.term) {
    return;
  }
  s.led = soft.term;
  s.appended = {};
  const auto [known, is_new] = leaders_.emplace(soft.term, view.id);
  require(known->second == view.id, "election safety: one leader a term");
  // By log matching, who holds the newest entry that was chosen in an earlier term holds them all.
  for (auto e = chosen_.rbegin(); e != chosen_.rend(); ++e) {
    if (e->second.chosen_in < soft.term) {
      const log_index index{e->first};
      const bool is_held = view.machine->term_at(index) == e->second.term;
      require(is_held || view.machine->commit() >= index,
              "leader completeness: what is chosen is in the log of each later leader");
      return;
    }
  }
}

void invariants::check_commit(seen& s, const node_view& view, std::span<const node_view> all) {
  const auto commit = view.machine->commit();
  require(commit >= s.commit, "the commit index never falls while a member runs");
  if (commit == s.commit) {
    return;
  }
  choose(view, s.commit, commit);
  s.commit = commit;
  const auto t = view.machine->term_at(commit);
  const auto& soft = view.machine->soft();
  if (soft.role == role::leader && t) {
    require(*t == soft.term, "Raft §5.4.2: a leader counts replicas only of its own term");
    // The configuration that counted is the one in force before this input, or one that came with
    // the entries that it brought.
    require(is_on_quorum(s.peers, all, commit, *t) ||
                is_on_quorum(view.machine->peers(), all, commit, *t),
            "what a leader commits is on the disks of a quorum");
  }
}

void invariants::choose(const node_view& view, log_index from, log_index to) {
  for (log_index i = next(from); i <= to; i = next(i)) {
    const auto t = view.machine->term_at(i);
    if (!t) {
      continue;  // behind a snapshot
    }
    const auto [known, is_new] =
        chosen_.emplace(i.value(), chosen_entry{*t, view.machine->soft().term});
    require(known->second.term == *t, "state machine safety: members commit the same entries");
  }
}

bool invariants::is_on_quorum(const configuration& peers, std::span<const node_view> all,
                              log_index index, raft::term t) const {
  votes holders;
  for (const auto& v : all) {
    holders.record(v.id, holds(*v.durable, index, t));
  }
  return holders.result(peers) == vote_result::won;
}

// ---- storage --------------------------------------------------------------------------------

void invariants::remember(const entry_ptr& e, raft::term before) {
  const auto [known, is_new] =
      known_.emplace(index_and_term{e->index.value(), e->term.value()}, variant{e, before});
  if (!is_new) {
    require(known->second.before == before && is_same(*known->second.held, *e),
            "log matching: one entry for an index and a term, with one past");
  }
}

void invariants::persisted(const node_view& view, const write& w) {
  auto& s = members_.at(view.id);
  const disk& d = *view.durable;
  check_hard_state(s, view);
  if (w.snapshot) {
    const auto point = w.snapshot->point;
    const auto known = chosen_.find(point.index.value());
    require(known == chosen_.end() || known->second.term == point.term,
            "a snapshot covers what is chosen");
    require(point.index >= s.handed_out, "a snapshot takes no applied entry back");
    s.handed_out = point.index;
  }
  for (const auto& e : w.entries) {
    const auto before = term_on(d, previous(e->index));
    require(e->term >= before, "terms never fall along a log");
    require(e->term <= d.hard.term, "a term is durable before its entries are");
    remember(e, before);
    const bool leads = view.machine != nullptr && view.machine->soft().role == role::leader &&
                       view.machine->soft().term == e->term;
    if (leads && s.led == e->term) {
      require(e->index > s.appended, "leader append-only: a leader takes nothing back");
      s.appended = e->index;
    }
  }
}

void invariants::handed_out(const node_view& view, const entries& committed) {
  auto& s = members_.at(view.id);
  const disk& d = *view.durable;
  for (const auto& e : committed) {
    require(e->index == next(s.handed_out), "entries are applied in order, once each");
    s.handed_out = e->index;
    require(e->index <= view.machine->commit(), "only what is committed is applied");
    const bool is_durable =
        e->index <= d.snapshot.index ||
        (e->index <= d.last() && d.at(e->index)->term == e->term && is_same(*d.at(e->index), *e));
    require(is_durable, "only what is durable here is applied, and answered to clients");
    const auto [first, is_new] = processed_.emplace(e->index.value(), e);
    require(first->second->term == e->term && is_same(*first->second, *e),
            "state machine safety: every processor is given the same entry");
  }
}

// ---- messages -------------------------------------------------------------------------------

void invariants::cast(const message& m, node_id candidate) {
  const auto [known, is_new] = votes_.emplace(std::pair{m.term, m.from}, candidate);
  require(known->second == candidate, "one vote a term");
}

void invariants::leaves(const node_view& view, const message& m) {
  const hard_state& hard = view.durable->hard;
  const node_id whom = std::holds_alternative<vote_request>(m.body) ? m.from : m.to;
  const bool has_voted = hard.term > m.term || (hard.term == m.term && hard.vote == whom);
  if (const auto* vote = std::get_if<vote_response>(&m.body)) {
    require(vote->pre_vote || hard.term >= m.term, "an answer leaves once its term is durable");
    if (vote->granted && !vote->pre_vote) {
      require(has_voted, "a vote leaves once it is durable");
      cast(m, m.to);
    }
  } else if (const auto* ask = std::get_if<vote_request>(&m.body)) {
    if (!ask->pre_vote) {
      require(has_voted, "a candidate asks once its own vote is durable");
      cast(m, m.from);
    }
  } else if (const auto* said = std::get_if<append_response>(&m.body)) {
    require(hard.term >= m.term, "an answer leaves once its term is durable");
    const bool is_current = hard.term == m.term;
    require(!said->accepted || !is_current || said->matched <= view.durable->last(),
            "an acceptance leaves once its entries are durable");
  } else if (std::holds_alternative<heartbeat_response>(m.body)) {
    require(hard.term >= m.term, "an answer leaves once its term is durable");
  }
}

// ---- reads ----------------------------------------------------------------------------------

void invariants::read_asked(node_id asker, read_id id) {
  reads_[{asker, id}].push_back(chosen());
}

// An id that is used twice is answered in the order asked.
void invariants::read_ready(node_id asker, const raft::read_ready& r) {
  auto& waiting = reads_[{asker, r.id}];
  require(!waiting.empty(), "a read is answered once");
  require(r.index >= waiting.front(), "a read sees what was chosen before it was asked");
  waiting.erase(waiting.begin());
}

void invariants::read_failed(node_id asker, read_id id) {
  auto& waiting = reads_[{asker, id}];
  require(!waiting.empty(), "a read fails once");
  waiting.erase(waiting.begin());
}

}  // namespace troupe::raft::testing
