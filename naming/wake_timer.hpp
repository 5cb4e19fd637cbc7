// wake_timer: one pending wake-up for an actor that has many deadlines. CAF's delayed messages
// cannot be taken back, so one is sent only when none is under way that comes early enough. Knows
// nothing of actors.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace troupe::naming {

class wake_timer {
 public:
  using clock = std::chrono::steady_clock;
  /// Deadlines are met at such boundaries, so that those close together share one wake-up.
  static constexpr std::chrono::milliseconds tick{10};

  /// How long from `now` the message for the deadline `next` has to be delayed; nothing when none
  /// is to be sent.
  std::optional<clock::duration> arm(clock::time_point next, clock::time_point now) {
    const auto ticks = (next.time_since_epoch() + tick - clock::duration{1}) / tick;
    const clock::time_point boundary{ticks * clock::duration{tick}};
    if (boundary >= armed_) return std::nullopt;
    armed_ = boundary;
    return std::max(boundary - now, clock::duration{0});
  }
  /// The message came, or one that an earlier deadline had overtaken.
  void woken(clock::time_point now) {
    if (armed_ <= now) armed_ = clock::time_point::max();
  }

 private:
  clock::time_point armed_ = clock::time_point::max();
};

}  // namespace troupe::naming
