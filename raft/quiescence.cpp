// Idle groups fall silent: a node with thousands of them must not spend its time on heartbeats. The
// leader offers silence with its heartbeats; once every follower has taken it up, all timers of the
// group stop. Whatever happens next, a message, a request or a lost connection, starts them again.
#include <algorithm>

#include "raft/machine.hpp"

namespace troupe::raft {

void core::machine::disturb() {
  if (auto* l = leading()) {
    l->idle_elapsed = 0;
  }
  wake();
}

void core::machine::wake() {
  if (!is_quiesced_) {
    return;
  }
  is_quiesced_ = false;
  election_elapsed_ = 0;
  if (auto* l = leading()) {
    l->idle_elapsed = 0;
    // The followers wait for it, and it has to find out anew whether a quorum is there.
    l->heartbeat_elapsed = options_.heartbeat_ticks;
    for (auto& p : l->followers) {
      p.recently_active = false;
    }
  }
}

bool core::machine::is_idle(const leader_state& l) const {
  const auto last = log_.last();
  const bool is_settled = last == log_.commit() && last == log_.stable() &&
                          last == log_.applied() && !peers().is_joint();
  return is_settled && l.transferee.is_none() && !reads_.has_pending() &&
         std::all_of(l.followers.begin(), l.followers.end(), [last](const progress& p) {
           return p.match() == last && p.state() == progress_state::replicate;
         });
}

bool core::machine::wants_quiescence(const leader_state& l) const {
  return options_.quiesce_after_ticks > 0 && l.idle_elapsed >= options_.quiesce_after_ticks &&
         is_idle(l);
}

bool core::machine::follow_into_quiescence(const heartbeat_request& r) {
  const auto* f = std::get_if<follower_state>(&role_);
  // A read that was passed on may have been lost: only the clock tells, and it would stop.
  is_quiesced_ = r.quiesce && r.commit == log_.last() && log_.commit() == log_.last() &&
                 f != nullptr && f->forwarded.empty();
  return is_quiesced_;
}

void core::machine::quiesce_if_all_did(leader_state& l) {
  is_quiesced_ =
      wants_quiescence(l) && std::all_of(l.followers.begin(), l.followers.end(),
                                         [](const progress& p) { return p.has_quiesced; });
}

}  // namespace troupe::raft
