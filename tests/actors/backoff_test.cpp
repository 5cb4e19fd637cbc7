// The back-off between tries.
#include "actors/backoff.hpp"

#include <catch2/catch.hpp>

using namespace troupe::actors;
using namespace std::chrono_literals;

TEST_CASE("a dialer waits twice as long each time, up to a limit, and little after a success") {
  backoff waits({20ms, 150ms});
  for (const auto expected : {20ms, 40ms, 80ms, 150ms, 150ms}) CHECK(waits.next() == expected);
  waits.reset();
  CHECK(waits.next() == 20ms);
  CHECK(waits.next() == 40ms);
}
