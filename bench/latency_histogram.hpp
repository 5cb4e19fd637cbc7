// latency_histogram: counts durations in buckets whose width grows with their value, so that a
// percentile is within 1 % of the truth from a nanosecond to centuries. Knows nothing of threads.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe::bench {

class latency_histogram {
 public:
  void record(std::chrono::nanoseconds duration);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::chrono::nanoseconds mean() const;
  [[nodiscard]] std::chrono::nanoseconds max() const { return std::chrono::nanoseconds(max_); }
  /// The least duration that `fraction` (0 to 1) of all do not exceed; zero without any.
  [[nodiscard]] std::chrono::nanoseconds percentile(double fraction) const;

 private:
  // Each power of two is cut into 128 equal buckets; what is below 256 ns has a bucket for itself.
  static constexpr int linear_bits = 7;
  static constexpr std::size_t buckets = (64 - linear_bits - 1) * (1U << linear_bits) + 256;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t highest_of(std::size_t bucket);

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace troupe::bench
