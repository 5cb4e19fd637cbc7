// Thesis §3.10: handing leadership over.
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

void core::machine::receive(const message&, timeout_now&) {
  if (std::holds_alternative<follower_state>(role_)) {
    campaign(true);
  }
}

}  // namespace troupe::raft
