// Raft §5.2, §5.4.1; Thesis §4.2.3 (disturbing members), §9.6 (pre-vote).
#include <algorithm>

#include "raft/invariant.hpp"
#include "raft/machine.hpp"

namespace troupe::raft {

bool core::machine::is_promotable() const {
  // Thesis §4.2.2: a member that its newest configuration leaves out still campaigns until that is
  // committed. It may hold the only copies of the entry, and the others, who do not know it yet,
  // may need its vote: were it silent, nobody could win. Its own vote does not count then. While a
  // snapshot is being installed the durable state is not one that could lead.
  return configurations_.may_have_voter(options_.self) && log_.stable() >= log_.base();
}

bool core::machine::is_sticky() const {
  if (!options_.check_quorum) {
    return false;
  }
  const bool hears_leader =
      !soft_.leader.is_none() && election_elapsed_ < options_.election_timeout_ticks;
  return hears_leader || now_ < promised_until_;
}

// ---- roles ----------------------------------------------------------------------------------

void core::machine::enter_role(role r, node_id leader) {
  set_leader(leader);
  soft_.role = r;
  soft_.term = hard_.term;
  election_elapsed_ = 0;
  is_quiesced_ = false;
  log_.spare_to(log_index::max());
  // Raft §5.2: in [t, 2t), drawn anew so that split votes do not repeat; behind those who are to
  // lead first.
  const std::uint32_t timeout = options_.election_timeout_ticks;
  const std::uint32_t yields = priority_max - options_.election_priority;
  randomised_timeout_ = timeout + yields * timeout + chance_.below(timeout);
}

void core::machine::become_follower(raft::term t, node_id leader) {
  RAFT_CHECK(t >= hard_.term, "terms never fall");
  if (is_leader()) {
    fail_leader_reads();
  }
  fail_forwarded_reads();
  if (t > hard_.term) {
    hard_ = {.term = t, .vote = {}};
  }
  role_ = follower_state{};
  enter_role(role::follower, leader);
}

void core::machine::become_leader() {
  RAFT_CHECK(std::holds_alternative<candidate_state>(role_), "only a candidate is elected");
  leader_state l;
  for (const node_id id : peers().members()) {
    if (id != options_.self) {
      l.followers.emplace_back(id, next(log_.last()), flight());
      l.followers.back().is_learner = !peers().is_voter(id);
    }
  }
  role_ = std::move(l);
  enter_role(role::leader, options_.self);
  // Thesis §6.4: only an entry of its own term tells a leader what is committed.
  append_own(entry_type::no_op, {}, std::nullopt);
  broadcast_append(*leading());
}

// ---- campaigns ------------------------------------------------------------------------------

void core::machine::campaign(bool forced) {
  if (is_leader() || !is_promotable()) {
    return;
  }
  if (is_storage_stalled_) {
    // Whoever can win finds no voter here that still trusts the leader that is silent.
    if (!forced) {
      set_leader(node_id{});
    }
    return;
  }
  if (options_.pre_vote && !forced) {
    start_pre_vote();
  } else {
    start_election(forced);
  }
}

void core::machine::start_pre_vote() {
  fail_forwarded_reads();
  role_ = pre_candidate_state{};
  enter_role(role::pre_candidate, node_id{});
  std::get<pre_candidate_state>(role_).answers.record(options_.self, true);
  const vote_request ask{
      .pre_vote = true, .forced = false, .last_index = log_.last(), .last_term = log_.last_term()};
  for (const node_id id : peers().members()) {
    if (id != options_.self && peers().is_voter(id)) {
      out_.messages.push_back({options_.self, id, next(hard_.term), ask});
    }
  }
  count_votes();
}

void core::machine::start_election(bool forced) {
  if (!forced && now_ < promised_until_) {
    // We confirmed a leader's lease; voting for ourselves would break it like any other vote.
    return;
  }
  fail_forwarded_reads();
  hard_ = {.term = next(hard_.term), .vote = options_.self};
  role_ = candidate_state{};
  enter_role(role::candidate, node_id{});
  const vote_request ask{.pre_vote = false,
                         .forced = forced,
                         .last_index = log_.last(),
                         .last_term = log_.last_term()};
  for (const node_id id : peers().members()) {
    if (id != options_.self && peers().is_voter(id)) {
      promise(id, hard_.term, ask);
    }
  }
}

void core::machine::count_votes() {
  const auto* pre = std::get_if<pre_candidate_state>(&role_);
  const auto* real = std::get_if<candidate_state>(&role_);
  const auto result = (pre != nullptr ? pre->answers : real->answers).result(peers());
  if (result == vote_result::lost) {
    become_follower(hard_.term, node_id{});
  } else if (result == vote_result::won && pre != nullptr) {
    start_election(false);
  } else if (result == vote_result::won) {
    become_leader();
  }
}

// ---- votes ----------------------------------------------------------------------------------

// Membership is not asked about, on either side: a voter may not know yet that it or the candidate
// was added (Thesis §4.2.1), and without its vote the group might never elect.
void core::machine::receive(const message& m, vote_request& r) {
  const bool is_free = hard_.vote == m.from || (hard_.vote.is_none() && soft_.leader.is_none()) ||
                       (r.pre_vote && m.term > hard_.term);
  const bool granted = is_free && log_.is_matched_by(r.last_index, r.last_term);
  if (granted && !r.pre_vote) {
    hard_.vote = m.from;
    election_elapsed_ = 0;
  }
  // A granted pre-vote speaks of the term asked about, a refusal tells our own.
  promise(m.from, granted ? m.term : hard_.term,
          vote_response{.pre_vote = r.pre_vote, .granted = granted});
}

void core::machine::receive(const message& m, vote_response& r) {
  if (auto* pre = std::get_if<pre_candidate_state>(&role_)) {
    const bool is_of_this_campaign = !r.granted || m.term == next(hard_.term);
    if (r.pre_vote && is_of_this_campaign) {
      pre->answers.record(m.from, r.granted);
      count_votes();
    }
  } else if (auto* real = std::get_if<candidate_state>(&role_)) {
    if (!r.pre_vote) {
      real->answers.record(m.from, r.granted);
      count_votes();
    }
  }
}

void core::machine::forget_leader() {
  wake();
  // A lease rests on followers that remember their leader.
  if (std::holds_alternative<follower_state>(role_) && !trusts_leases()) {
    set_leader(node_id{});
  }
}

}  // namespace troupe::raft
