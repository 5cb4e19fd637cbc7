#include "tests/simulation/oracle.hpp"

#include <algorithm>

namespace troupe::simulation {

namespace {

constexpr std::uint64_t must_not = std::uint64_t{1} << 63U;

bool is_same(const raft::entry& a, const raft::entry& b) {
  return a.type == b.type && a.data == b.data && a.peers == b.peers;
}

template <class T>
T& at_of(std::vector<T>& all, std::uint64_t i) {
  if (i >= all.size()) {
    all.resize(i + 1 + i / 2);
  }
  return all[i];
}

}  // namespace

oracle::oracle(const raft::snapshot_point& begins) : reference_(begins), peers_(begins.peers) {}

// ---- logs -----------------------------------------------------------------------------------

const oracle::variant* oracle::find(raft::log_index index, raft::term t) const {
  if (index.value() >= known_.size()) {
    return nullptr;
  }
  for (const auto& v : known_[index.value()]) {
    if (v.term == t) {
      return &v;
    }
  }
  return nullptr;
}

void oracle::written(const raft::entry_ptr& e, raft::term before) {
  if (const auto* known = find(e->index, e->term)) {
    require(known->before == before && (known->entry == e || is_same(*known->entry, *e)),
            "log matching: one entry for an index and a term, with one past");
    return;
  }
  at_of(known_, e->index.value()).push_back({e->term, before, e});
  if (e->peers) {
    configurations_.emplace_back(e->index, *e->peers);
  }
}

void oracle::led(raft::term t, raft::node_id leader, const raft::core& c) {
  auto& known = at_of(leaders_, t.value());
  require(known.is_none() || known == leader, "election safety: one leader a term");
  if (known == leader) {
    return;
  }
  known = leader;
  // By log matching, who has the newest entry that was chosen in an earlier term has all of them. A
  // later term may have gone ahead before the last vote arrived.
  const auto behind = std::lower_bound(
      chosen_.begin(), chosen_.end(), t,
      [](const chosen_entry& e, raft::term before) { return e.chosen_in < before; });
  if (behind != chosen_.begin()) {
    const raft::log_index newest{static_cast<std::uint64_t>(behind - chosen_.begin())};
    const auto held = c.term_at(newest);
    require(c.commit() >= newest || held == std::prev(behind)->term,
            "leader completeness: what is chosen is in the log of each later leader");
  }
}

void oracle::committed(const raft::core& c) {
  const auto commit = c.commit();
  if (commit <= chosen()) {
    if (commit.value() > 0) {
      const auto held = c.term_at(commit);
      require(!held || *held == chosen_term(commit),
              "state machine safety: members commit the same entries");
    }
    return;
  }
  for (auto i = raft::next(chosen()); i <= commit; i = raft::next(i)) {
    const auto t = c.term_at(i);
    require(t.has_value(), "a member holds what it is the first to call committed");
    choose(i, *t, c.soft().term);
  }
}

void oracle::choose(raft::log_index index, raft::term t, raft::term chosen_in) {
  const auto* v = find(index, t);
  require(v != nullptr, "what is committed was written by someone");
  const auto& e = *v->entry;
  const auto done = reference_.apply(e);
  if (e.peers) {
    peers_ = *e.peers;
    peers_at_ = index;
  }
  chosen_.push_back({t, chosen_in, reference_.hash()});
  std::uint64_t key = key_count;
  if (done.is_command && done.is_repeated) {
    ++repeated_;
  } else if (done.is_command) {
    const command c = command_of(e);
    auto& o = outcome_of(c);
    require(o.index != must_not, "a command that surely failed never takes effect");
    require(o.index == 0, "a command takes effect once");
    o.index = index.value();
    key = done.answer.is_refused ? key_count : c.key;
  }
  values_.emplace_back(key, done.answer.value);
}

void oracle::voted(raft::term t, raft::node_id voter, raft::node_id candidate) {
  auto& cast = at_of(votes_, t.value());
  for (const auto& [who, whom] : cast) {
    if (who == voter) {
      require(whom == candidate, "a member votes for one candidate a term");
      return;
    }
  }
  cast.emplace_back(voter, candidate);
}

// ---- state ----------------------------------------------------------------------------------

void oracle::applied(const raft::entry& e, const replicated_state& now) {
  require(e.index <= chosen() && chosen_term(e.index) == e.term,
          "state machine safety: only what is chosen is applied");
  require(chosen_[e.index.value() - 1].state_hash == now.hash(),
          "state machine safety: the same state behind the same index");
}

void oracle::installed(const replicated_state& now) {
  const auto at = now.applied();
  require(at <= chosen() && chosen_term(at) == now.applied_term(),
          "a snapshot covers what is chosen");
  require(chosen_[at.value() - 1].state_hash == now.hash(),
          "a snapshot holds the state behind its index");
}

// ---- clients --------------------------------------------------------------------------------

oracle::outcome& oracle::outcome_of(const command& c) {
  return at_of(outcomes_[c.client], c.sequence);
}

void oracle::acknowledged(const command& c, const reply& answer, std::uint64_t began) {
  const auto index = outcome_of(c).index;
  require(index != 0 && index != must_not, "what is acknowledged was chosen");
  require(answer.version == index, "an answer tells where the command took effect");
  require(index > began, "linearizability: a write comes behind what was known when it began");
  if (!answer.is_refused) {
    require(values_[index - 1].second == answer.value, "an answer tells what the command did");
    frontier_[c.key] = std::max(frontier_[c.key], index);
  }
}

void oracle::observed(std::uint8_t key, const reply& answer, std::uint64_t began) {
  require(answer.version >= began, "linearizability: a read sees what was known when it began");
  require(answer.version <= values_.size(), "a read sees what is chosen");
  if (answer.version != 0) {
    const auto& [of, value] = values_[answer.version - 1];
    require(of == key && value == answer.value, "a read sees a value as it was written");
  }
  frontier_[key] = std::max(frontier_[key], answer.version);
}

void oracle::surely_failed(const command& c) {
  auto& o = outcome_of(c);
  require(o.index == 0, "what surely failed did not take effect");
  o.index = must_not;
}

}  // namespace troupe::simulation
