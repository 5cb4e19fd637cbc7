#include "actors/election_timer.hpp"

namespace troupe::actors {
namespace {

struct timer_state {
  static inline const char* name = "election_timer";
  timer_state() = default;  // else CAF takes the first handle for a constructor argument
  ticker_actor ticker;
  member_actor member;
  clock::time_point asked = clock::time_point::max();  ///< of the outstanding wake_request
};

using self_pointer = election_timer_actor::stateful_pointer<timer_state>;

void arm_at(self_pointer self, clock::time_point deadline) {
  if (deadline >= self->state.asked) return;
  self->state.asked = deadline;
  send(self->state.ticker, wake_request{deadline, woken_actor(election_timer_actor(self))});
}

election_timer_actor::behavior_type make_timer(self_pointer self, ticker_actor ticker,
                                               member_actor member) {
  self->state.ticker = std::move(ticker);
  self->state.member = std::move(member);
  return {
      [=](const arm& a) { arm_at(self, a.deadline); },
      [=](woken) {
        // A wake-up asked for earlier than the one we wait for may still arrive; it does no harm.
        self->state.asked = clock::time_point::max();
        send_urgent(self->state.member, due{});
      },
  };
}

}  // namespace

election_timer_actor spawn_election_timer(caf::actor_system& system, ticker_actor ticker,
                                          member_actor member) {
  return system.spawn(make_timer, std::move(ticker), std::move(member));
}

}  // namespace troupe::actors
