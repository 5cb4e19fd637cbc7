// election_timer: turns deadlines of one member into wake-ups. Lazy: a deadline that moves back
// costs nothing, the timer just finds that it came early. Knows neither terms nor votes.
//
//   accepts  arm     wake the member at this time, unless an earlier wake-up is under way
//            woken   from the ticker
//   sends    due to the member, urgent; wake_request to the ticker
//   blocks   no
//   bound    one outstanding wake_request
#pragma once

#include "actors/messages.hpp"

namespace troupe::actors {

election_timer_actor spawn_election_timer(caf::actor_system& system, ticker_actor ticker,
                                          member_actor member);

/// Wall time of one member in ticks. Not an actor: the member asks it before each step, so that the
/// core's time never lags behind the messages that it is given.
class tick_counter {
 public:
  tick_counter(clock::time_point start, std::chrono::milliseconds tick)
      : counted_until_(start), tick_(tick) {}

  /// Whole ticks since the last call.
  std::uint32_t elapsed(clock::time_point now) {
    if (now <= counted_until_) return 0;
    const auto ticks = (now - counted_until_) / tick_;
    counted_until_ += ticks * clock::duration{tick_};
    constexpr long most = 1'000'000;
    return static_cast<std::uint32_t>(ticks < most ? ticks : most);
  }
  [[nodiscard]] clock::time_point after(std::uint32_t ticks) const {
    return counted_until_ + ticks * clock::duration{tick_};
  }

 private:
  clock::time_point counted_until_;
  std::chrono::milliseconds tick_;
};

}  // namespace troupe::actors
