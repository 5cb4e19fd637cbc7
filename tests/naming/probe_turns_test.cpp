// Turns of those that are due: bounded, and host by host.
#include "naming/probe_turns.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

using troupe::naming::probe_turns;

namespace {

/// Gives out turns until none is left to give.
std::vector<probe_turns::id> take(probe_turns& t) {
  std::vector<probe_turns::id> out;
  while (const auto turn = t.next()) out.push_back(turn->who);
  return out;
}

}  // namespace

TEST_CASE("hosts take turns, whoever came first") {
  probe_turns t(6, 6);
  for (probe_turns::id who = 1; who <= 4; ++who) t.due(who, "a");
  t.due(11, "b");
  t.due(12, "b");
  t.due(21, "c");
  CHECK(take(t) == std::vector<probe_turns::id>{1, 11, 21, 2, 12, 3});
  CHECK(t.waiting() == 1);
}

TEST_CASE("a host with many dead ports leaves room for the others") {
  probe_turns t(4, 2);
  for (probe_turns::id who = 1; who <= 100; ++who) t.due(who, "dead");
  t.due(200, "alive");
  CHECK(take(t) == std::vector<probe_turns::id>{1, 200, 2});
  t.done("alive");
  t.due(201, "alive");
  CHECK(take(t) == std::vector<probe_turns::id>{201});
  t.done("dead");
  CHECK(take(t) == std::vector<probe_turns::id>{3});
}

TEST_CASE("no more are under way than may be, whatever comes and goes") {
  probe_turns t(16, 5);
  std::mt19937_64 chance(3);
  std::map<std::string, std::size_t> open;
  std::set<probe_turns::id> given;
  probe_turns::id last = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (chance() % 2 == 0) t.due(++last, "host" + std::to_string(chance() % 9));
    if (const auto turn = t.next()) {
      REQUIRE(given.insert(turn->who).second);
      REQUIRE(++open[turn->host] <= 5);
    }
    if (chance() % 2 == 0 && !open.empty()) {
      const auto at = std::next(open.begin(), static_cast<long>(chance() % open.size()));
      t.done(at->first);
      if (--at->second == 0) open.erase(at);
    }
    std::size_t all = 0;
    for (const auto& [host, n] : open) all += n;
    REQUIRE(all == t.open());
    REQUIRE(all <= 16);
    REQUIRE(t.waiting() == last - given.size());
  }
}

TEST_CASE("nothing is kept of hosts that have nobody left") {
  probe_turns t(2, 1);
  for (probe_turns::id who = 1; who <= 50; ++who) t.due(who, "host" + std::to_string(who));
  const auto first = t.next();
  REQUIRE(first);
  t.forget_due();
  CHECK(t.hosts() == 1);
  CHECK(t.waiting() == 0);
  CHECK_FALSE(t.next());
  t.done(first->host);
  CHECK(t.hosts() == 0);
}
