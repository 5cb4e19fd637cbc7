// Thesis §3.10: handing leadership over.
#include <tuple>

#include "raft/machine.hpp"

namespace troupe::raft {

expected<void, refusal> core::machine::transfer_leadership(node_id to) {
  auto* l = leading();
  if (l == nullptr) {
    return unexpected{refuse(refusal_code::not_leader)};
  }
  if (to == options_.self) {
    abort_transfer(*l);
    leave_joint_phase(*l);
    return {};
  }
  if (!peers().contains(to)) {
    return unexpected{refuse(refusal_code::unknown_peer)};
  }
  if (!peers().is_voter(to)) {
    return unexpected{refuse(refusal_code::not_a_voter)};
  }
  if (l->transferee == to) {
    return {};
  }
  disturb();
  l->transferee = to;
  l->transfer_elapsed = 0;
  auto& p = *find(*l, to);
  send_append(p, false);
  continue_transfer(*l, p);
  return {};
}

void core::machine::continue_transfer(leader_state& l, const progress& p) {
  if (l.transferee == p.id && p.match() == log_.last()) {
    // From here on a vote may be cast in spite of us, however late it arrives.
    l.has_sent_timeout_now = true;
    send(p.id, timeout_now{});
  }
}

void core::machine::abort_transfer(leader_state& l) {
  l.transferee = node_id{};
  l.transfer_elapsed = 0;
}

template <class Fit>
const progress* core::machine::successor(const leader_state& l, Fit&& fit) {
  const auto fitness = [&l](const progress& p) {
    return std::tuple(p.match(), p.id == l.transferee, p.heard_at);
  };
  const progress* best = nullptr;
  for (const auto& p : l.followers) {
    if (!p.is_learner && fit(p) && (best == nullptr || fitness(*best) < fitness(p))) {
      best = &p;
    }
  }
  return best;
}

// Nothing rests on the choice: it asks for votes like any other candidate, and when it cannot win,
// or never hears of it, the election timeout decides as ever.
void core::machine::name_successor(const leader_state& l) {
  const auto* best = successor(l, [](const progress&) { return true; });
  if (best != nullptr) {
    send(best->id, timeout_now{});
  }
}

void core::machine::storage_stalled(bool is_stalled) {
  is_storage_stalled_ = is_stalled;
  auto* l = leading();
  if (l != nullptr && is_stalled) {
    wake();  // who is still there is not known before they answer
    make_way(*l);
  }
}

// Appends leave before our own write is durable (Thesis §10.2.1), so that the followers may hold
// all that we do, and commit it without us. Only we stand still: what is not durable here is not
// applied here. Nobody is named whose own disk seems to hang as well: its answers would wait for
// it.
void core::machine::make_way(leader_state& l) {
  if (!is_storage_stalled_ || !l.transferee.is_none() || now_ < l.makes_way_at) {
    return;
  }
  const auto is_heard = [this](const progress& p) {
    return p.state() == progress_state::replicate &&
           now_ - p.heard_at < options_.election_timeout_ticks;
  };
  votes without_us;
  without_us.record(options_.self, false);
  for (const auto& p : l.followers) {
    without_us.record(p.id, is_heard(p));
  }
  const auto* best =
      successor(l, [&](const progress& p) { return is_heard(p) && p.match() >= log_.commit(); });
  if (best == nullptr || without_us.result(peers()) != vote_result::won) {
    return;
  }
  // It is given up after one timeout; as long again it rests.
  l.makes_way_at = now_ + 2ULL * options_.election_timeout_ticks;
  if (transfer_leadership(best->id)) {
    out_.makes_way_to = best->id;
  }
}

void core::machine::receive(const message&, timeout_now&) {
  if (std::holds_alternative<follower_state>(role_)) {
    campaign(true);
  }
}

}  // namespace troupe::raft
