// Idle groups fall silent, and wake when there is reason to.
#include <catch2/catch.hpp>
#include <limits>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

constexpr auto never = std::numeric_limits<std::uint32_t>::max();

/// 1 leads, nothing is left to do, and everybody has fallen silent.
cluster silent_cluster() {
  cluster c(0);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    auto o = options_of(id);
    o.quiesce_after_ticks = 3;
    c.add(id, o, disk_of({1, 2, 3}));
  }
  c.elect(1);
  for (int i = 0; i < 6; ++i) {
    c[1]->tick(1);
    c.settle();
  }
  for (std::uint64_t id = 1; id <= 3; ++id) {
    REQUIRE(c[id]->status().quiesced);
  }
  return c;
}

}  // namespace

TEST_CASE("a silent group has no timer, and its leader stays") {
  auto c = silent_cluster();
  for (std::uint64_t id = 1; id <= 3; ++id) {
    CHECK(c[id]->ticks_until_due() == never);
    c[id]->tick(1000);
  }
  c.settle();
  CHECK(c[1]->soft().role == role::leader);
  CHECK(c[2]->soft().leader == node_id{1});
}

TEST_CASE("a proposal wakes a silent group") {
  auto c = silent_cluster();
  REQUIRE(!c.propose(1, "x"));
  c.settle();
  CHECK(!c[1]->status().quiesced);
  CHECK(!c[2]->status().quiesced);
  CHECK(c[3]->commit() == c[1]->commit());
  CHECK(c[2]->ticks_until_due() < never);
}

TEST_CASE("a follower that is awake wakes the leader, which is heard before it is replaced") {
  auto c = silent_cluster();
  c[2]->wake();
  c[2]->tick(25);
  c.settle();
  c[1]->tick(1);
  c.settle();
  CHECK(c[1]->soft().role == role::leader);
  CHECK(c[2]->soft().leader == node_id{1});
}

TEST_CASE("a silent group replaces a leader that is known to be gone") {
  auto c = silent_cluster();
  c.isolate(1);
  c[2]->forget_leader();
  c[3]->forget_leader();
  c[2]->tick(30);
  c.settle();
  CHECK(c[2]->soft().role == role::leader);
}

TEST_CASE("a woken leader finds out anew whether a quorum is there") {
  auto c = silent_cluster();
  c.isolate(1);
  c[1]->wake();
  c[1]->tick(10);
  c.settle();
  CHECK(c[1]->soft().role == role::follower);
}

TEST_CASE("a group with a follower behind does not fall silent") {
  cluster c(0);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    auto o = options_of(id);
    o.quiesce_after_ticks = 3;
    c.add(id, o, disk_of({1, 2, 3}));
  }
  c.elect(1);
  c.isolate(3);
  REQUIRE(!c.propose(1, "x"));
  for (int i = 0; i < 8; ++i) {
    c[1]->tick(1);
    c.settle();
  }
  CHECK(!c[1]->status().quiesced);
  CHECK(!c[2]->status().quiesced);
}

TEST_CASE("a member of low priority campaigns behind the others") {
  for (std::uint8_t priority = 1; priority <= 4; ++priority) {
    auto h =
        follower_with(disk_of({1, 2, 3}), [&](core_options& o) { o.election_priority = priority; });
    const auto due = h->ticks_until_due();
    const auto least = 10U * (5U - priority);
    CHECK(due >= least);
    CHECK(due < least + 10U);
  }
}
