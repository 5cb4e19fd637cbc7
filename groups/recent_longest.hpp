// recent_longest: the longest of the durations that were noted in the last ten seconds, to within a
// second. Knows neither clocks nor what took so long.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>

#include "actors/result.hpp"

namespace troupe::groups {

class recent_longest {
 public:
  static constexpr std::chrono::seconds span{10};

  void add(actors::clock::duration took, actors::clock::time_point now) {
    auto& here = slots_[static_cast<std::size_t>(second_of(now) % span.count())];
    if (here.second != second_of(now)) here = {second_of(now), {}};
    here.longest = std::max(here.longest, took);
  }
  /// Zero when nothing was noted.
  [[nodiscard]] actors::clock::duration longest(actors::clock::time_point now) const {
    actors::clock::duration found{};
    for (const auto& each : slots_) {
      if (second_of(now) - each.second < span.count()) found = std::max(found, each.longest);
    }
    return found;
  }

 private:
  struct slot {
    std::chrono::seconds::rep second = -span.count();
    actors::clock::duration longest{};
  };
  static std::chrono::seconds::rep second_of(actors::clock::time_point at) {
    return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
  }

  std::array<slot, span.count()> slots_{};
};

}  // namespace troupe::groups
