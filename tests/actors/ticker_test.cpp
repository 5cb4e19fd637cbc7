// The ticker and the election timer: who is due is woken, once, and a deadline that moves back costs
// nothing.
#include "actors/ticker.hpp"

#include "actor_fixture.hpp"
#include "actors/election_timer.hpp"

using namespace troupe;
using namespace troupe::testing;

TEST_CASE("the ticker wakes each asker once, earliest first, never early") {
  test_system t;
  auto woken = std::make_shared<heard<std::pair<int, actors::clock::time_point>>>();
  const auto sleeper = [&](int who) {
    return t.keep(t.system->spawn(
        [](actors::woken_actor::pointer, int me,
           std::shared_ptr<heard<std::pair<int, actors::clock::time_point>>> hear)
            -> actors::woken_actor::behavior_type {
          return {[=](actors::woken) { hear->add({me, actors::clock::now()}); }};
        },
        who, woken));
  };
  const auto start = actors::clock::now();
  actors::send(*t.ticker, actors::wake_request{start + 60ms, sleeper(1)});
  actors::send(*t.ticker, actors::wake_request{start + 20ms, sleeper(2)});
  actors::send(*t.ticker, actors::wake_request{start - 1s, sleeper(3)});
  REQUIRE(eventually([&] { return woken->count() == 3; }));
  const auto order = woken->all();
  CHECK(order[0].first == 3);
  CHECK(order[1].first == 2);
  CHECK(order[1].second >= start + 20ms);
  CHECK(order[2].first == 1);
  CHECK(order[2].second >= start + 60ms);
}

TEST_CASE("the election timer asks once for a deadline that keeps moving back") {
  test_system t;
  auto told = std::make_shared<told_member>();
  const auto timer =
      t.keep(actors::spawn_election_timer(*t.system, *t.ticker, spawn_member(t, told)));
  const auto start = actors::clock::now();
  for (int i = 0; i < 100; ++i) {
    actors::send(timer, actors::arm{start + 20ms + std::chrono::milliseconds(i)});
  }
  REQUIRE(eventually([&] { return told->due.count() == 1; }));
  CHECK(actors::clock::now() >= start + 20ms);
  actors::send(timer, actors::arm{actors::clock::now() + 5ms});
  REQUIRE(eventually([&] { return told->due.count() == 2; }));
}

TEST_CASE("ticks are whole and none is counted twice") {
  const auto start = actors::clock::now();
  actors::tick_counter ticks(start, 20ms);
  CHECK(ticks.elapsed(start + 19ms) == 0);
  CHECK(ticks.elapsed(start + 45ms) == 2);
  CHECK(ticks.elapsed(start + 45ms) == 0);
  CHECK(ticks.elapsed(start + 60ms) == 1);
  CHECK(ticks.elapsed(start) == 0);
  CHECK(ticks.after(3) == start + 120ms);
}
