#include "raft/read_index.hpp"

#include <catch2/catch.hpp>

using namespace troupe::raft;

namespace {

read_rounds::request ask(std::uint64_t id) {
  return {node_id{}, read_id{id}};
}

std::vector<std::uint64_t> confirmed(read_rounds& reads, read_round round) {
  std::vector<read_rounds::served> served;
  reads.confirm(round, served);
  std::vector<std::uint64_t> found;
  for (const auto& s : served) {
    found.push_back(s.asked.id.value());
  }
  return found;
}

}  // namespace

TEST_CASE("a round confirms what was asked before it, not what was asked since") {
  read_rounds reads(10);
  REQUIRE(reads.ask(ask(1)));
  REQUIRE(reads.ask(ask(2)));
  const auto first = reads.start(log_index{5}, 0);
  REQUIRE(reads.ask(ask(3)));
  CHECK(confirmed(reads, first) == std::vector<std::uint64_t>{1, 2});
  CHECK(reads.wants_round());
  const auto second = reads.start(log_index{6}, 0);
  CHECK(confirmed(reads, first).empty());
  CHECK(confirmed(reads, second) == std::vector<std::uint64_t>{3});
}

TEST_CASE("a later round confirms the earlier ones, each at its own index") {
  read_rounds reads(10);
  REQUIRE(reads.ask(ask(1)));
  reads.start(log_index{5}, 0);
  REQUIRE(reads.ask(ask(2)));
  const auto second = reads.start(log_index{7}, 0);
  std::vector<read_rounds::served> served;
  CHECK(reads.confirm(second, served));
  REQUIRE(served.size() == 2);
  CHECK(served[0].index == log_index{5});
  CHECK(served[1].index == log_index{7});
}

TEST_CASE("round numbers outlive a leadership") {
  read_rounds reads(10);
  const auto before = reads.start(log_index{1}, 0);
  reads.clear();
  CHECK(reads.start(log_index{1}, 0) > before);
}

TEST_CASE("reads beyond the limit are refused until others are served") {
  read_rounds reads(2);
  REQUIRE(reads.ask(ask(1)));
  const auto round = reads.start(log_index{5}, 0);
  REQUIRE(reads.ask(ask(2)));
  CHECK(!reads.ask(ask(3)));
  confirmed(reads, round);
  CHECK(reads.ask(ask(3)));
}

TEST_CASE("few rounds are out at once, and reads gather for the next") {
  read_rounds reads(100);
  read_round newest;
  std::uint64_t id = 0;
  while (reads.may_start()) {
    REQUIRE(reads.ask(ask(++id)));
    newest = reads.start(log_index{1}, 0);
  }
  REQUIRE(reads.ask(ask(++id)));
  REQUIRE(reads.ask(ask(++id)));
  CHECK(!reads.wants_round());
  CHECK(confirmed(reads, newest).size() == id - 2);
  CHECK(reads.wants_round());
}

TEST_CASE("the lease counts from when the confirmed round started") {
  read_rounds reads(10);
  CHECK(!reads.has_confirmed());
  const auto first = reads.start(log_index{1}, 100);
  reads.start(log_index{1}, 105);
  confirmed(reads, first);
  CHECK(reads.confirmed_at_ticks() == 100);
  reads.clear();
  CHECK(!reads.has_confirmed());
}

TEST_CASE("what ends with a leadership is given back, all of it") {
  read_rounds reads(10);
  REQUIRE(reads.ask(ask(1)));
  reads.start(log_index{1}, 0);
  REQUIRE(reads.ask(ask(2)));
  CHECK(reads.clear().size() == 2);
  CHECK(reads.clear().empty());
}
