#include "groups/recent_longest.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {
constexpr actors::clock::time_point start{1000s};
}

TEST_CASE("the longest of several durations is told, and nothing before there is one") {
  groups::recent_longest times;
  CHECK(times.longest(start) == 0ms);
  times.add(3ms, start);
  times.add(7ms, start + 100ms);
  times.add(2ms, start + 2s);
  CHECK(times.longest(start + 2s) == 7ms);
}

TEST_CASE("a duration is forgotten after ten seconds, also when nothing is noted meanwhile") {
  groups::recent_longest times;
  times.add(7ms, start);
  times.add(2ms, start + 5s);
  CHECK(times.longest(start + 9s) == 7ms);
  CHECK(times.longest(start + 10s) == 2ms);
  CHECK(times.longest(start + 15s) == 0ms);
}

TEST_CASE("what is noted ten seconds later does not stand beside what it replaces") {
  groups::recent_longest times;
  times.add(7ms, start);
  times.add(1ms, start + 10s);
  CHECK(times.longest(start + 10s) == 1ms);
}
