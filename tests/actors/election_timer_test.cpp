// The election timer: a deadline that moves back costs nothing, an earlier one wins, and the member
// hears of it before what callers have queued.
#include "actors/election_timer.hpp"

#include "actor_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

struct timer_rig {
  test_system t;
  std::shared_ptr<told_member> told = std::make_shared<told_member>();
  std::shared_ptr<std::vector<actors::wake_request>> asked =
      std::make_shared<std::vector<actors::wake_request>>();
  actors::member_actor member = spawn_member(t, told);
  actors::clock::time_point start = t.now();

  actors::election_timer_actor timer(const actors::ticker_actor& ticker) {
    return t.keep(actors::spawn_election_timer(*t.system, ticker, member));
  }
  [[nodiscard]] std::size_t due() const {
    return static_cast<std::size_t>(std::count(told->order.begin(), told->order.end(), "due"));
  }
};

}  // namespace

TEST_CASE("the election timer asks once for a deadline that every message moves back") {
  timer_rig r;
  const auto timer = r.timer(spawn_still_ticker(r.t, r.asked));
  for (int i = 0; i < 1000; ++i) {
    actors::send(timer, actors::arm{r.start + 20ms + std::chrono::milliseconds(i)});
    r.t.run();
  }
  REQUIRE(r.asked->size() == 1);
  CHECK(r.asked->front().when == r.start + 20ms);
  actors::send(timer, actors::woken{});
  actors::send(timer, actors::arm{r.start + 900ms});
  r.t.run();
  REQUIRE(r.asked->size() == 2);
  CHECK(r.asked->back().when == r.start + 900ms);
}

TEST_CASE("an earlier deadline wins over the one that the election timer waits for") {
  timer_rig r;
  const auto timer = r.timer(*r.t.ticker);
  actors::send(timer, actors::arm{r.start + 500ms});
  r.t.pass(10ms);
  actors::send(timer, actors::arm{r.start + 30ms});
  r.t.pass(19ms);
  CHECK(r.due() == 0);
  r.t.pass(1ms);
  CHECK(r.due() == 1);
}

TEST_CASE("a member that is armed at every wake-up is woken at each deadline, not more often") {
  timer_rig r;
  const auto timer = r.timer(*r.t.ticker);
  for (std::size_t i = 1; i <= 20; ++i) {
    actors::send(timer, actors::arm{r.t.now() + 50ms});
    r.t.pass(49ms);
    REQUIRE(r.due() == i - 1);
    r.t.pass(1ms);
    REQUIRE(r.due() == i);
  }
  r.t.pass(1s);
  CHECK(r.due() == 20);
  CHECK(r.t.timers() == 0);
}

TEST_CASE("a member hears that it is due before what callers have queued") {
  timer_rig r;
  const auto timer = r.timer(*r.t.ticker);
  r.t.run();
  actors::send(timer, actors::woken{});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    actors::send(r.member, actors::applied{raft::log_index{i}});
  }
  r.t.run();
  CHECK(r.told->order == std::vector<std::string>{"due", "applied", "applied", "applied"});
}

TEST_CASE("ticks are whole and none is counted twice") {
  const actors::clock::time_point start{1h};
  actors::tick_counter ticks(start, 20ms);
  CHECK(ticks.elapsed(start + 19ms) == 0);
  CHECK(ticks.elapsed(start + 45ms) == 2);
  CHECK(ticks.elapsed(start + 45ms) == 0);
  CHECK(ticks.elapsed(start + 60ms) == 1);
  CHECK(ticks.elapsed(start) == 0);
  CHECK(ticks.after(3) == start + 120ms);
}
