// One wake-up for many deadlines.
#include "naming/wake_timer.hpp"

#include <catch2/catch.hpp>

using troupe::naming::wake_timer;
using namespace std::chrono_literals;

TEST_CASE("a wake-up is asked for once, and again only for what comes earlier") {
  wake_timer t;
  const wake_timer::clock::time_point now{1h};
  CHECK(t.arm(now + 101ms, now) == 110ms);
  CHECK_FALSE(t.arm(now + 101ms, now));
  CHECK_FALSE(t.arm(now + 105ms, now));
  CHECK_FALSE(t.arm(now + 3s, now));
  CHECK(t.arm(now + 42ms, now) == 50ms);
}

TEST_CASE("once it came the next may be asked for, an overtaken one frees nothing") {
  wake_timer t;
  const wake_timer::clock::time_point now{1h};
  CHECK(t.arm(now + 100ms, now) == 100ms);
  CHECK(t.arm(now + 50ms, now) == 50ms);
  t.woken(now + 20ms);
  CHECK_FALSE(t.arm(now + 60ms, now + 20ms));
  t.woken(now + 50ms);
  CHECK(t.arm(now + 60ms, now + 50ms) == 10ms);
}

TEST_CASE("what is due already is woken at once") {
  wake_timer t;
  const wake_timer::clock::time_point now{1h};
  CHECK(t.arm(now - 1s, now) == 0ms);
}
