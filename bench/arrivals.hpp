// arrivals: the fixed times at which the requests of an open loop are due, whatever became of the
// ones before. A latency that counts from them includes the wait for a free caller: nothing is
// omitted because the target was slow. Knows nothing of requests or threads.
#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::bench {

class arrivals {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  arrivals(double per_second, time_point first) : per_second_(per_second), first_(first) {}

  /// When the next one that was not taken is due.
  [[nodiscard]] time_point next() const { return due(taken_); }
  [[nodiscard]] bool is_due(time_point now) const { return next() <= now; }
  time_point take() { return due(taken_++); }
  /// Of those due in [from, until): how many nobody took.
  [[nodiscard]] std::uint64_t untaken(time_point from, time_point until) const;

 private:
  /// From the number alone: errors of rounding do not add up.
  [[nodiscard]] time_point due(std::uint64_t number) const;
  /// The number of the first one that is not due before `when`.
  [[nodiscard]] std::uint64_t number_at(time_point when) const;

  const double per_second_;
  const time_point first_;
  std::uint64_t taken_ = 0;
};

}  // namespace troupe::bench
