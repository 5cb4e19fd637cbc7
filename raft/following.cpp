// Raft §5.3 and §7, the follower's side.
#include <algorithm>

#include "raft/invariant.hpp"
#include "raft/machine.hpp"

namespace troupe::raft {

namespace {

/// Whether the entries follow on each other and on the previous one, as any leader sends them.
bool is_well_formed(const append_request& r, raft::term sender_term) {
  log_index index = r.previous_index;
  raft::term t = r.previous_term;
  for (const auto& e : r.entries) {
    const bool has_peers = e != nullptr && (e->type != entry_type::configuration || e->peers);
    if (!has_peers || e->index != next(index) || e->term < t) {
      return false;
    }
    index = e->index;
    t = e->term;
  }
  return t <= sender_term;
}

}  // namespace

void core::machine::follow(node_id leader) {
  RAFT_CHECK(!is_leader(), "two leaders in one term");
  if (!std::holds_alternative<follower_state>(role_)) {
    become_follower(hard_.term, leader);
  }
  election_elapsed_ = 0;
  set_leader(leader);
  if (trusts_leases()) {
    promised_until_ = now_ + options_.election_timeout_ticks;
  }
}

void core::machine::commit_to(log_index index) {
  log_.commit_to(index);
  configurations_.committed(log_.commit());
}

void core::machine::truncate_from(log_index index) {
  log_.truncate_from(index);
  if (configurations_.truncate_from(index)) {
    configuration_changed();
  }
}

void core::machine::receive(const message& m, append_request& r) {
  if (!is_well_formed(r, m.term)) {
    return;
  }
  follow(m.from);
  if (r.previous_index < log_.commit()) {
    // Late or repeated. What is committed is the same in every log.
    accept(m.from, log_.commit());
    return;
  }
  if (!log_.holds(r.previous_index, r.previous_term)) {
    reject(m.from, r);
    return;
  }
  const log_index verified = r.previous_index + r.entries.size();
  append_from_leader(r);
  // Not further than this request has verified: behind it our log may differ from the leader's.
  commit_to(std::min(r.commit, verified));
  accept(m.from, verified);
}

// Raft §5.3, end: entries of terms that the leader's log cannot hold in front of the refused index
// are skipped at once, a term at a time; the leader does the same with its own log.
void core::machine::reject(node_id leader, const append_request& r) {
  const log_index from = std::min(r.previous_index, log_.last());
  const auto [index, t] = log_.last_not_above(from, r.previous_term);
  promise(leader, hard_.term,
          append_response{.accepted = false,
                          .matched = {},
                          .rejected_index = r.previous_index,
                          .hint_index = index,
                          .hint_term = t});
}

// Raft §5.3: only an entry that conflicts takes what follows it away. A delayed request that holds
// less than our log must not.
void core::machine::append_from_leader(append_request& r) {
  const auto fresh = std::find_if(r.entries.begin(), r.entries.end(), [this](const entry_ptr& e) {
    return !log_.holds(e->index, e->term);
  });
  if (fresh == r.entries.end()) {
    return;
  }
  if ((*fresh)->index <= log_.last()) {
    truncate_from((*fresh)->index);
  }
  for (auto e = fresh; e != r.entries.end(); ++e) {
    append_entry(std::move(*e));
  }
}

void core::machine::receive(const message& m, heartbeat_request& r) {
  follow(m.from);
  // The leader says no more than it knows us to have. If we have less, our log was lost: then what
  // we hold at that index, if anything, is not verified.
  if (r.commit <= log_.last()) {
    commit_to(r.commit);
  }
  const bool quiesced = follow_into_quiescence(r);
  promise(m.from, hard_.term, heartbeat_response{.round = r.round, .quiesced = quiesced});
}

void core::machine::receive(const message& m, install_snapshot& r) {
  follow(m.from);
  const auto& point = r.point;
  if (point.index > log_.commit()) {
    if (log_.holds(point.index, point.term)) {
      // All that the snapshot covers is here: the log is worth more.
      commit_to(point.index);
    } else {
      log_.replace_by(point);
      configurations_.reset(point.index, point.peers);
      is_apply_fetch_pending_ = false;
      out_.committed.clear();
      installing_ = std::move(r);
    }
  }
  accept(m.from, log_.commit());
}

}  // namespace troupe::raft
