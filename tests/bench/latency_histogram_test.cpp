#include "bench/latency_histogram.hpp"

#include <catch2/catch.hpp>
#include <limits>

using std::chrono::nanoseconds;
using troupe::bench::latency_histogram;

TEST_CASE("a histogram of nothing has no latency") {
  const latency_histogram h;
  CHECK(h.count() == 0);
  CHECK(h.percentile(0.99) == nanoseconds(0));
  CHECK(h.mean() == nanoseconds(0));
}

TEST_CASE("percentiles are within 1 % of the truth and never below it") {
  latency_histogram h;
  for (int i = 1; i <= 100'000; ++i) h.record(nanoseconds(i * 1'000));
  for (const double fraction : {0.001, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double truth = fraction * 1e8;
    const auto told = static_cast<double>(h.percentile(fraction).count());
    CHECK(told >= truth);
    CHECK(told <= truth * 1.01);
  }
  CHECK(h.max() == nanoseconds(100'000'000));
  CHECK(h.mean() == nanoseconds(50'000'500));
}

TEST_CASE("short durations are exact, and no percentile exceeds the longest") {
  latency_histogram h;
  h.record(nanoseconds(7));
  h.record(nanoseconds(255));
  h.record(nanoseconds(1'000'003));
  CHECK(h.percentile(0.3) == nanoseconds(7));
  CHECK(h.percentile(0.6) == nanoseconds(255));
  CHECK(h.percentile(1) == nanoseconds(1'000'003));
}

TEST_CASE("the longest duration there is and one below zero find a bucket") {
  latency_histogram h;
  h.record(nanoseconds(std::numeric_limits<std::int64_t>::max()));
  h.record(nanoseconds(-5));
  CHECK(h.percentile(0.5) == nanoseconds(0));
  CHECK(h.percentile(1) == nanoseconds(std::numeric_limits<std::int64_t>::max()));
}
