// The ticker: who is due is woken, once, in order and never early; waiting costs next to nothing.
#include "actors/ticker.hpp"

#include <algorithm>

#include "actor_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

struct wake_up {
  int who;
  actors::clock::time_point at;
};

struct sleepers {
  test_system t;
  std::shared_ptr<std::vector<wake_up>> woken = std::make_shared<std::vector<wake_up>>();
  actors::clock::time_point start = t.now();

  actors::woken_actor sleeper(int who) {
    return t.keep(t.system->spawn(
        [](actors::woken_actor::pointer self, int me,
           const std::shared_ptr<std::vector<wake_up>>& hear)
            -> actors::woken_actor::behavior_type {
          return {[=](actors::woken) { hear->push_back({me, self->clock().now()}); }};
        },
        who, woken));
  }
  void ask(int who, std::chrono::microseconds after) {
    actors::send(*t.ticker, actors::wake_request{start + after, sleeper(who)});
  }
  [[nodiscard]] std::vector<int> order() const {
    std::vector<int> who;
    for (const auto& w : *woken) who.push_back(w.who);
    return who;
  }
};

}  // namespace

TEST_CASE("the ticker wakes each asker once, earliest first, never early") {
  sleepers s;
  s.ask(1, 60ms);
  s.ask(2, 20ms);
  s.ask(3, -1s);
  s.t.pass(1s);
  REQUIRE(s.order() == std::vector<int>{3, 2, 1});
  CHECK((*s.woken)[0].at == s.start);
  CHECK((*s.woken)[1].at == s.start + 20ms);
  CHECK((*s.woken)[2].at == s.start + 60ms);
}

TEST_CASE("a thousand sleepers are woken in order, each within its tick") {
  sleepers s;
  std::mt19937_64 chance(7);
  std::vector<std::chrono::microseconds> deadlines;
  for (int who = 0; who < 1000; ++who) {
    deadlines.emplace_back(chance() % 500'000);
    s.ask(who, deadlines.back());
  }
  s.t.pass(1s);
  REQUIRE(s.woken->size() == 1000);
  CHECK(std::is_sorted(s.woken->begin(), s.woken->end(),
                       [](const auto& a, const auto& b) { return a.at < b.at; }));
  std::vector<int> times(1000);
  for (const auto& w : *s.woken) {
    ++times[static_cast<std::size_t>(w.who)];
    const auto wanted = s.start + deadlines[static_cast<std::size_t>(w.who)];
    REQUIRE(w.at >= wanted);
    REQUIRE(w.at < wanted + 5ms);
  }
  CHECK(std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }));
}

TEST_CASE("any number of sleepers costs one pending timer, and none once all are awake") {
  sleepers s;
  for (int who = 0; who < 500; ++who) {
    s.ask(who, std::chrono::milliseconds(10 + who));
    s.t.run();
    REQUIRE(s.t.timers() == 1);
  }
  s.t.pass(200ms);
  CHECK(s.t.timers() == 1);
  s.t.pass(1s);
  CHECK(s.woken->size() == 500);
  CHECK(s.t.timers() == 0);
}

TEST_CASE("a timer that an earlier deadline overtook wakes nobody twice") {
  sleepers s;
  s.ask(1, 100ms);
  s.t.run();
  s.ask(2, 30ms);
  s.t.pass(50ms);
  CHECK(s.order() == std::vector<int>{2});
  s.ask(3, 90ms);
  s.t.pass(1s);
  CHECK(s.order() == std::vector<int>{2, 3, 1});
  CHECK((*s.woken)[2].at == s.start + 100ms);
}

TEST_CASE("a timer that fires late wakes everybody who became due meanwhile") {
  sleepers s;
  for (const int who : {1, 2, 3}) s.ask(who, std::chrono::milliseconds(10 * who));
  s.t.run();
  s.t.spend(25ms);
  s.t.pass(0ms);
  CHECK(s.order() == std::vector<int>{1, 2});
  s.t.pass(5ms);
  CHECK(s.order() == std::vector<int>{1, 2, 3});
}
