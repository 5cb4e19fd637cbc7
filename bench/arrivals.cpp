#include "bench/arrivals.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::bench {

arrivals::time_point arrivals::due(std::uint64_t number) const {
  const auto after = static_cast<double>(number) * 1e9 / per_second_;
  return first_ + std::chrono::nanoseconds(std::llround(after));
}

std::uint64_t arrivals::number_at(time_point when) const {
  if (when <= first_) return 0;
  const std::chrono::duration<double> passed = when - first_;
  auto number = static_cast<std::uint64_t>(passed.count() * per_second_);
  while (number > 0 && due(number - 1) >= when) --number;
  while (due(number) < when) ++number;
  return number;
}

std::uint64_t arrivals::untaken(time_point from, time_point until) const {
  const auto begin = std::max(number_at(from), taken_);
  const auto end = number_at(until);
  return end > begin ? end - begin : 0;
}

}  // namespace troupe::bench
