// backoff: how long to wait before the next try: each time twice as long, up to a limit, until one
// succeeds. Knows neither clocks nor what is tried.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::actors {

struct backoff_limits {
  std::chrono::milliseconds min{20};
  std::chrono::milliseconds max{1000};
};

class backoff {
 public:
  explicit backoff(backoff_limits limits) : limits_(limits), wait_(limits.min) {}

  /// The wait before the next try.
  std::chrono::milliseconds next() {
    return std::exchange(wait_, std::min(wait_ * 2, limits_.max));
  }
  /// A try succeeded.
  void reset() { wait_ = limits_.min; }

 private:
  backoff_limits limits_;
  std::chrono::milliseconds wait_;
};

}  // namespace troupe::actors
