// Raft §5.2: leader election.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

TEST_CASE("5.2: a member that hears no leader campaigns and is elected by a majority") {
  for (const std::uint64_t size : {1U, 2U, 3U, 5U}) {
    cluster c(size);
    c.tick(25);
    const auto leader = c.leader();
    REQUIRE(leader != 0);
    for (const auto& [id, h] : c.hosts()) {
      CHECK(h->machine().soft().leader == node_id{leader});
      CHECK(h->machine().commit() == log_index{1});
      CHECK(h->committed.size() == 1);
    }
  }
}

TEST_CASE("5.3: what the leader accepts reaches every log and every processor") {
  cluster c(3);
  c.elect(1);
  REQUIRE(!c.propose(1, "x"));
  c.settle();
  for (const auto& [id, h] : c.hosts()) {
    REQUIRE(h->committed.size() == 2);
    CHECK(h->committed.back()->data.view() == "x");
    CHECK(h->durable.last() == log_index{2});
  }
}
