// Thesis §6.4: linearizable reads without the log, and §6.4.1: leases.
#include <algorithm>

#include "raft/machine.hpp"

namespace troupe::raft {

expected<void, refusal> core::machine::read(read_id id) {
  disturb();
  if (auto* l = leading()) {
    if (!ask_read(*l, {node_id{}, id})) {
      return unexpected{refuse(refusal_code::overloaded)};
    }
    return {};
  }
  auto* f = std::get_if<follower_state>(&role_);
  if (f == nullptr || soft_.leader.is_none()) {
    return unexpected{refuse(refusal_code::not_leader)};
  }
  if (f->forwarded.size() >= options_.pending_reads_max) {
    return unexpected{refuse(refusal_code::overloaded)};
  }
  f->forwarded.push_back({id, now_});
  send(soft_.leader, read_index_request{.id = id});
  return {};
}

// ---- the leader -----------------------------------------------------------------------------

bool core::machine::ask_read(leader_state& l, read_rounds::request r) {
  if (l.has_committed && has_lease(l)) {
    answer_read(r, log_.commit());
    return true;
  }
  return reads_.ask(r);
}

// A follower counts from when it heard the heartbeat, we from when we sent it. The margin is for
// the tick that is under way on either side, and for clocks that do not run alike.
std::uint32_t core::machine::lease_ticks() const {
  return options_.election_timeout_ticks - options_.election_timeout_ticks / 8 - 1;
}

bool core::machine::has_lease(const leader_state& l) const {
  return trusts_leases() && l.transferee.is_none() && !l.has_sent_timeout_now &&
         reads_.has_confirmed() && now_ - reads_.confirmed_at_ticks() < lease_ticks();
}

// Before an entry of its own term is committed a leader does not know the commit index (Raft §8):
// reads wait for it, also in a group of one.
bool core::machine::wants_read_round() const {
  const auto* l = std::get_if<leader_state>(&role_);
  return l != nullptr && l->has_committed && reads_.wants_round();
}

void core::machine::start_read_round(leader_state& l) {
  broadcast_heartbeat(l, reads_.start(log_.commit(), now_));
  confirm_reads(l);
}

void core::machine::confirm_reads(leader_state& l) {
  const auto confirmed = agreed<read_round>(peers(), [this, &l](node_id id) {
    const auto* p = id == options_.self ? nullptr : find(l, id);
    return p == nullptr ? (id == options_.self ? reads_.last_started() : read_round{})
                        : p->acked_round;
  });
  std::vector<read_rounds::served> served;
  reads_.confirm(confirmed, served);
  for (const auto& s : served) {
    answer_read(s.asked, s.index);
  }
}

void core::machine::answer_read(const read_rounds::request& r, log_index index) {
  if (r.asker.is_none()) {
    out_.reads.push_back({r.id, index});
  } else {
    // The follower cannot serve the read before it knows that the index is committed.
    auto* p = leading() == nullptr ? nullptr : find(*leading(), r.asker);
    if (p != nullptr && p->told_commit < index) {
      send_append(*p, true);
    }
    send(r.asker, read_index_response{.id = r.id, .index = index});
  }
}

void core::machine::receive(const message& m, read_index_request& r) {
  auto* l = leading();
  if (l == nullptr || !ask_read(*l, {m.from, r.id})) {
    send(m.from, read_index_response{.id = r.id, .index = log_index{}});
  }
}

void core::machine::fail_leader_reads() {
  for (const auto& r : reads_.clear()) {
    if (r.asker.is_none()) {
      out_.reads_failed.push_back(r.id);
    } else {
      send(r.asker, read_index_response{.id = r.id, .index = log_index{}});
    }
  }
}

// ---- the follower ---------------------------------------------------------------------------

void core::machine::receive(const message& m, read_index_response& r) {
  auto* f = std::get_if<follower_state>(&role_);
  if (f == nullptr || m.from != soft_.leader) {
    return;
  }
  // Answers come in the order asked, but for those that were lost.
  const auto at = std::find_if(f->forwarded.begin(), f->forwarded.end(),
                               [&r](const forwarded_read& w) { return w.id == r.id; });
  if (at == f->forwarded.end()) {
    return;
  }
  f->forwarded.erase(at);
  if (r.index.is_none()) {
    out_.reads_failed.push_back(r.id);
  } else {
    out_.reads.push_back({r.id, r.index});
  }
}

void core::machine::expire_forwarded_reads() {
  auto* f = std::get_if<follower_state>(&role_);
  if (f == nullptr) {
    return;
  }
  auto alive = f->forwarded.begin();
  for (; alive != f->forwarded.end() &&
         now_ - alive->asked_at_ticks >= options_.election_timeout_ticks;
       ++alive) {
    out_.reads_failed.push_back(alive->id);
  }
  f->forwarded.erase(f->forwarded.begin(), alive);
}

void core::machine::fail_forwarded_reads() {
  auto* f = std::get_if<follower_state>(&role_);
  if (f == nullptr) {
    return;
  }
  for (const auto& w : f->forwarded) {
    out_.reads_failed.push_back(w.id);
  }
  f->forwarded.clear();
}

}  // namespace troupe::raft
