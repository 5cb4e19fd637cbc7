// latency_histogram: how often something took how long. Any thread may add and read. Knows nothing
// of what took so long.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace troupe::actors {

using namespace std::chrono_literals;

/// What a histogram held when it was read.
struct latencies {
  /// Upper bounds, inclusive; one bucket more is for what took longer.
  static constexpr std::array<std::chrono::microseconds, 17> bounds{
      20us, 50us, 100us, 200us, 500us, 1ms, 2ms, 5ms, 10ms,
      20ms, 50ms, 100ms, 200ms, 500ms, 1s,  2s,  5s};

  std::array<std::uint64_t, bounds.size() + 1> counts{};
  std::chrono::nanoseconds sum{};
};

class latency_histogram {
 public:
  /// `times` took so long each.
  void add(std::chrono::nanoseconds took, std::uint64_t times = 1) {
    const auto at = std::lower_bound(latencies::bounds.begin(), latencies::bounds.end(), took);
    const auto bucket = static_cast<std::size_t>(at - latencies::bounds.begin());
    counts_[bucket].fetch_add(times, std::memory_order_relaxed);
    const auto each = static_cast<std::uint64_t>(std::max(took, 0ns).count());
    sum_ns_.fetch_add(each * times, std::memory_order_relaxed);
  }
  [[nodiscard]] latencies read() const {
    latencies now;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      now.counts[i] = counts_[i].load(std::memory_order_relaxed);
    }
    now.sum = std::chrono::nanoseconds{
        static_cast<std::chrono::nanoseconds::rep>(sum_ns_.load(std::memory_order_relaxed))};
    return now;
  }

 private:
  std::array<std::atomic<std::uint64_t>, latencies::bounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> sum_ns_{0};
};

}  // namespace troupe::actors
