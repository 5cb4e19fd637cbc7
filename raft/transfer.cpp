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

// The voter that has the most; of several such the one that was to lead anyway, then the one that
// was heard last. Nothing rests on the choice: it asks for votes like any other candidate, and when
// it cannot win, or never hears of it, the election timeout decides as ever.
void core::machine::name_successor(const leader_state& l) {
  const auto fitness = [&l](const progress& p) {
    return std::tuple(p.match(), p.id == l.transferee, p.heard_at);
  };
  const progress* best = nullptr;
  for (const auto& p : l.followers) {
    if (!p.is_learner && (best == nullptr || fitness(*best) < fitness(p))) {
      best = &p;
    }
  }
  if (best != nullptr) {
    send(best->id, timeout_now{});
  }
}

void core::machine::receive(const message&, timeout_now&) {
  if (std::holds_alternative<follower_state>(role_)) {
    campaign(true);
  }
}

}  // namespace troupe::raft
