#include "bench/arrivals.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using troupe::bench::arrivals;

namespace {
const arrivals::time_point begin{10s};
}

TEST_CASE("requests are due at fixed times, however late the ones before were taken") {
  arrivals a(1000, begin);
  CHECK(a.take() == begin);
  CHECK_FALSE(a.is_due(begin + 999us));
  CHECK(a.is_due(begin + 1ms));
  // Whoever comes late finds all that was due meanwhile, each with its own time.
  CHECK(a.take() == begin + 1ms);
  CHECK(a.take() == begin + 2ms);
  CHECK(a.next() == begin + 3ms);
}

TEST_CASE("a rate that does not divide a second does not drift") {
  arrivals a(3, begin);
  for (int i = 0; i < 3'000; ++i) static_cast<void>(a.take());
  CHECK(a.next() == begin + 1000s);
}

TEST_CASE("what nobody took counts from the begin of the measured time to its end") {
  arrivals a(10, begin);
  CHECK(a.untaken(begin + 1s, begin + 2s) == 10);
  while (a.next() < begin + 1500ms) static_cast<void>(a.take());
  CHECK(a.untaken(begin + 1s, begin + 2s) == 5);
  while (a.next() < begin + 3s) static_cast<void>(a.take());
  CHECK(a.untaken(begin + 1s, begin + 2s) == 0);
}

TEST_CASE("a request due at the very end belongs to the time after it") {
  const arrivals a(1, begin);
  CHECK(a.untaken(begin, begin + 3s) == 3);
  CHECK(a.untaken(begin, begin + 3s + 1ns) == 4);
}
