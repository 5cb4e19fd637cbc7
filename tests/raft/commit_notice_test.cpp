// A leader that may take its time to tell of a new commit index.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

cluster patient_cluster() {
  cluster c(3, [](auto& o) { o.commit_notice_ticks = 2; });
  c.elect(1);
  c.tick(3);
  return c;
}

}  // namespace

TEST_CASE("without entries that carry it a commit index is told after its time") {
  auto c = patient_cluster();
  REQUIRE(!c.propose(1, "x"));
  c.settle();
  const auto index = c[1]->status().last;
  CHECK(c[1]->commit() == index);
  CHECK(c[2]->commit() < index);
  CHECK(c[1]->ticks_until_due() <= 2);
  c.tick(2);
  CHECK(c[2]->commit() == index);
  CHECK(c[3]->commit() == index);
}

TEST_CASE("the next entries carry the commit index of those before") {
  auto c = patient_cluster();
  REQUIRE(!c.propose(1, "x"));
  c.settle();
  REQUIRE(!c.propose(1, "y"));
  c.settle();
  CHECK(c[2]->commit() == previous(c[1]->commit()));
}

TEST_CASE("a follower that asks for a read is told of the commit first") {
  auto c = patient_cluster();
  REQUIRE(!c.propose(1, "x"));
  c.settle();
  REQUIRE(c[2]->commit() < c[1]->commit());
  REQUIRE(c[2]->read(read_id{7}));
  c.settle();
  REQUIRE(c[2].reads.size() == 1);
  CHECK(c[2].reads[0].index == c[1]->commit());
  CHECK(c[2]->commit() == c[1]->commit());
}

TEST_CASE("a change of members is told at once") {
  auto c = patient_cluster();
  configuration_change removal;
  removal.changes = {{change_kind::remove, node_id{3}}};
  REQUIRE(c[1]->propose_configuration(removal));
  c.settle();
  CHECK(c[2]->commit() == c[1]->commit());
}
