#include "raft/machine.hpp"

#include <algorithm>
#include <limits>

#include "raft/invariant.hpp"

namespace troupe::raft {

namespace {

log_limits limits_of(const core_options& o) {
  return {.cached_bytes_max = o.cached_bytes_max,
          .apply_bytes_max = o.apply_bytes_max,
          .unapplied_bytes_max = o.unapplied_bytes_max,
          .spare_bytes_max = o.spare_bytes_max};
}

std::uint32_t saturating_add(std::uint32_t a, std::uint32_t b) {
  return b > std::numeric_limits<std::uint32_t>::max() - a
             ? std::numeric_limits<std::uint32_t>::max()
             : a + b;
}

std::uint32_t remaining(std::uint32_t timeout, std::uint32_t elapsed) {
  return timeout > elapsed ? timeout - elapsed : 1;
}

}  // namespace

core::machine::machine(core_options options, restored_state state)
    : options_(options),
      chance_(options.seed, options.self),
      hard_(state.hard),
      log_(state, limits_of(options)),
      configurations_(state.snapshot.index, state.snapshot.peers),
      reads_(options.pending_reads_max),
      written_hard_(state.hard) {
  RAFT_CHECK(!options.self.is_none(), "a member has an id");
  RAFT_CHECK(
      options.heartbeat_ticks > 0 && options.heartbeat_ticks < options.election_timeout_ticks,
      "a leader is heard several times before its followers give it up");
  RAFT_CHECK(options.election_priority >= 1 && options.election_priority <= priority_max,
             "an election priority is between 1 and 4");
  RAFT_CHECK(state.terms.empty() || state.terms.back().second <= hard_.term,
             "a term is durable before its entries are");
  for (auto& [index, peers] : state.configurations) {
    configurations_.append(index, std::move(peers));
  }
  configurations_.committed(log_.commit());
  if (trusts_leases() && options_.restart_grace && !hard_.term.is_none()) {
    promised_until_ = options_.election_timeout_ticks;
  }
  enter_role(role::follower, node_id{});
  told_soft_ = soft_;
}

// ---- messages -------------------------------------------------------------------------------

void core::machine::step(message m) {
  const bool is_foreign = m.to != options_.self || m.from == options_.self || m.from.is_none();
  if (is_foreign) {
    return;
  }
  if (!std::holds_alternative<heartbeat_request>(m.body) &&
      !std::holds_alternative<heartbeat_response>(m.body)) {
    wake();
  }
  if (!admit(m)) {
    return;
  }
  std::visit([this, &m](auto& body) { receive(m, body); }, m.body);
}

bool core::machine::admit(const message& m) {
  if (m.term < hard_.term) {
    answer_stale(m);
    return false;
  }
  if (m.term == hard_.term) {
    return true;
  }
  const auto* asked = std::get_if<vote_request>(&m.body);
  if (asked != nullptr && !asked->forced && is_sticky()) {
    // Thesis §4.2.3: whoever hears from a leader does not let others disturb it.
    return false;
  }
  const auto* answered = std::get_if<vote_response>(&m.body);
  const bool is_of_pre_vote = (asked != nullptr && asked->pre_vote) ||
                              (answered != nullptr && answered->pre_vote && answered->granted);
  if (is_of_pre_vote) {
    // Thesis §9.6: it speaks of a term that nobody has entered yet.
    return true;
  }
  const bool is_from_leader = std::holds_alternative<append_request>(m.body) ||
                              std::holds_alternative<heartbeat_request>(m.body) ||
                              std::holds_alternative<install_snapshot>(m.body);
  if (asked != nullptr && std::holds_alternative<follower_state>(role_)) {
    adopt_term(m.term);
  } else {
    become_follower(m.term, is_from_leader ? m.from : node_id{});
  }
  return true;
}

// Raft §5.2: only a leader's word, or a vote that was granted, puts off an election. Else a
// candidate that cannot win but is always first, for its priority, keeps out the one that could.
void core::machine::adopt_term(raft::term t) {
  const auto waited = election_elapsed_;
  const auto timeout = randomised_timeout_;
  become_follower(t, node_id{});
  election_elapsed_ = waited;
  randomised_timeout_ = timeout;
}

void core::machine::answer_stale(const message& m) {
  const auto* asked = std::get_if<vote_request>(&m.body);
  const bool is_from_leader = std::holds_alternative<append_request>(m.body) ||
                              std::holds_alternative<heartbeat_request>(m.body);
  if (is_from_leader) {
    // Raft figure 2, AppendEntries 1. Our term may be higher because of an election that could not
    // be won. The leader ignores our votes while it is being heard, or was not asked for its own by
    // a voter that does not know it, and we ignore its lower term: only by telling it our term can
    // the two come together again. Nothing is said about the log.
    promise(m.from, hard_.term, append_response{});
  } else if (asked != nullptr) {
    // Raft figure 2, RequestVote 1: the requester learns our term, else it would ask for a term too
    // low for ever; we may campaign as often as it does and not be able to win.
    promise(m.from, hard_.term, vote_response{.pre_vote = asked->pre_vote, .granted = false});
  } else if (const auto* read = std::get_if<read_index_request>(&m.body)) {
    send(m.from, read_index_response{.id = read->id, .index = log_index{}});
  }
}

void core::machine::set_leader(node_id leader) {
  if (soft_.leader != leader) {
    fail_forwarded_reads();
    soft_.leader = leader;
  }
}

// ---- time -----------------------------------------------------------------------------------

void core::machine::tick(std::uint32_t count) {
  if (count == 0) {
    return;
  }
  now_ += count;
  if (is_quiesced_) {
    return;
  }
  election_elapsed_ = saturating_add(election_elapsed_, count);
  if (is_leader()) {
    tick_leader(count);
  } else {
    tick_follower();
  }
}

void core::machine::tick_follower() {
  expire_forwarded_reads();
  if (is_promotable() && election_elapsed_ >= randomised_timeout_) {
    election_elapsed_ = 0;
    campaign(false);
  }
}

void core::machine::tick_leader(std::uint32_t count) {
  auto& l = *leading();
  l.heartbeat_elapsed = saturating_add(l.heartbeat_elapsed, count);
  l.idle_elapsed =
      options_.quiesce_after_ticks > 0 && is_idle(l) ? saturating_add(l.idle_elapsed, count) : 0;
  if (!l.transferee.is_none()) {
    l.transfer_elapsed = saturating_add(l.transfer_elapsed, count);
    if (l.transfer_elapsed >= options_.election_timeout_ticks) {
      abort_transfer(l);
      leave_joint_phase(l);
    }
  }
  if (election_elapsed_ >= options_.election_timeout_ticks) {
    election_elapsed_ = 0;
    if (options_.check_quorum && !is_quorum_active(l)) {
      // Thesis §6.2: a leader that reaches no quorum makes way, so that clients look elsewhere.
      become_follower(hard_.term, node_id{});
      return;
    }
    for (auto& p : l.followers) {
      p.recently_active = false;
    }
  }
  make_way(l);
  if (l.commit_notice_at && now_ >= *l.commit_notice_at) {
    tell_of_commit(l);
  }
  if (l.heartbeat_elapsed >= options_.heartbeat_ticks) {
    l.heartbeat_elapsed = 0;
    const bool wants_round = wants_read_round() || (trusts_leases() && l.has_committed);
    if (wants_round && reads_.may_start()) {
      start_read_round(l);
    } else {
      // Repeating the newest round also makes up for its lost heartbeats.
      broadcast_heartbeat(l, reads_.newest());
    }
  }
}

std::uint32_t core::machine::ticks_until_leader_due(const leader_state& l) const {
  auto due = std::numeric_limits<std::uint32_t>::max();
  if (!l.followers.empty()) {
    due = remaining(options_.heartbeat_ticks, l.heartbeat_elapsed);
    due = std::min(due, remaining(options_.election_timeout_ticks, election_elapsed_));
  }
  if (!l.transferee.is_none()) {
    due = std::min(due, remaining(options_.election_timeout_ticks, l.transfer_elapsed));
  }
  if (l.commit_notice_at) {
    due = std::min(due, *l.commit_notice_at > now_
                            ? static_cast<std::uint32_t>(*l.commit_notice_at - now_)
                            : 1);
  }
  return due;
}

std::uint32_t core::machine::ticks_until_due() const {
  if (is_quiesced_) {
    return std::numeric_limits<std::uint32_t>::max();
  }
  if (const auto* l = std::get_if<leader_state>(&role_)) {
    return ticks_until_leader_due(*l);
  }
  auto due = std::numeric_limits<std::uint32_t>::max();
  if (is_promotable()) {
    due = remaining(randomised_timeout_, election_elapsed_);
  }
  const auto* f = std::get_if<follower_state>(&role_);
  if (f != nullptr && !f->forwarded.empty()) {
    const auto waited = now_ - f->forwarded.front().asked_at_ticks;
    due = std::min(due,
                   remaining(options_.election_timeout_ticks, static_cast<std::uint32_t>(waited)));
  }
  return due;
}

core_status core::machine::status() const {
  core_status s;
  s.self = options_.self;
  s.soft = soft_;
  s.hard = hard_;
  s.commit = log_.commit();
  s.applied = log_.applied();
  s.first = log_.first();
  s.stable = log_.stable();
  s.last = log_.last();
  s.peers = peers();
  s.peers_committed = configurations_.latest_index() <= log_.commit();
  s.quiesced = is_quiesced_;
  const auto* l = std::get_if<leader_state>(&role_);
  if (l == nullptr) {
    return s;
  }
  s.transferee = l->transferee;
  for (const auto& p : l->followers) {
    s.progress.push_back({.id = p.id,
                          .learner = p.is_learner,
                          .state = p.state(),
                          .match = p.match(),
                          .next = p.next_index(),
                          .paused = p.is_paused(),
                          .recently_active = p.recently_active,
                          .in_flight = p.in_flight().count(),
                          .in_flight_full = p.in_flight().is_full(),
                          .pending_snapshot = p.pending_snapshot()});
  }
  if (peers().contains(options_.self)) {
    const auto at = std::find_if(s.progress.begin(), s.progress.end(),
                                 [this](const auto& p) { return p.id > options_.self; });
    progress_status self;
    self.id = options_.self;
    self.learner = !peers().is_voter(options_.self);
    self.state = progress_state::replicate;
    self.match = log_.stable();
    self.next = next(log_.stable());
    self.recently_active = true;
    s.progress.insert(at, self);
  }
  return s;
}

}  // namespace troupe::raft
