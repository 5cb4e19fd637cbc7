#include "actors/ticker.hpp"

#include <map>

namespace troupe::actors {
namespace {

struct ticker_state {
  static inline const char* name = "ticker";
  std::chrono::milliseconds tick{};
  /// Rounded up to tick boundaries, so that many deadlines share one timer.
  std::map<clock::time_point, std::vector<woken_actor>> waiting;
  clock::time_point armed = clock::time_point::max();
};

using self_pointer = ticker_actor::stateful_pointer<ticker_state>;

clock::time_point boundary_after(clock::time_point when, std::chrono::milliseconds tick) {
  const auto since = when.time_since_epoch();
  const auto ticks = (since + tick - clock::duration{1}) / tick;
  return clock::time_point{ticks * clock::duration{tick}};
}

void arm_for_first(self_pointer self) {
  auto& state = self->state;
  if (state.waiting.empty() || state.waiting.begin()->first >= state.armed) return;
  state.armed = state.waiting.begin()->first;
  const auto now = self->clock().now();
  const auto wait = state.armed > now ? state.armed - now : clock::duration{0};
  self->delayed_send(ticker_actor(self), wait, woken{});
}

void wake_due(self_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  // A timer that was overtaken by an earlier one still fires: it then finds nothing due.
  if (state.armed <= now) state.armed = clock::time_point::max();
  while (!state.waiting.empty() && state.waiting.begin()->first <= now) {
    auto due_now = state.waiting.extract(state.waiting.begin());
    for (const auto& who : due_now.mapped()) send_urgent(who, woken{});
  }
  arm_for_first(self);
}

ticker_actor::behavior_type make_ticker(self_pointer self, std::chrono::milliseconds tick) {
  self->state.tick = tick;
  return {
      [=](const wake_request& request) {
        self->state.waiting[boundary_after(request.when, self->state.tick)].push_back(request.who);
        arm_for_first(self);
      },
      [=](woken) { wake_due(self); },
  };
}

}  // namespace

ticker_actor spawn_ticker(caf::actor_system& system, std::chrono::milliseconds tick) {
  return system.spawn(make_ticker, tick);
}

}  // namespace troupe::actors
