#include "bench/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace troupe::bench {

void latency_histogram::record(std::chrono::nanoseconds duration) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  ++counts_[bucket_of(value)];
  ++count_;
  sum_ += value;
  max_ = std::max(max_, value);
}

std::chrono::nanoseconds latency_histogram::mean() const {
  return std::chrono::nanoseconds(count_ == 0 ? 0 : sum_ / count_);
}

std::chrono::nanoseconds latency_histogram::percentile(double fraction) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size() && count_ > 0; ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted && seen > 0) {
      return std::chrono::nanoseconds(std::min(highest_of(bucket), max_));
    }
  }
  return {};
}

std::size_t latency_histogram::bucket_of(std::uint64_t value) {
  const int width = static_cast<int>(std::bit_width(value));
  const int shift = std::max(width - linear_bits - 1, 0);
  return (static_cast<std::size_t>(shift) << linear_bits) + (value >> shift);
}

std::uint64_t latency_histogram::highest_of(std::size_t bucket) {
  if (bucket < 256) return bucket;
  const auto shift = (bucket >> linear_bits) - 1;
  const auto within = bucket - (shift << linear_bits);
  return ((static_cast<std::uint64_t>(within) + 1) << shift) - 1;
}

}  // namespace troupe::bench
