#include "raft/configuration.hpp"

#include <catch2/catch.hpp>

#include "host.hpp"
#include "raft/configuration_history.hpp"

using namespace troupe::raft;
using testing::ids;

TEST_CASE("a configuration is sorted and names each member once") {
  const auto peers = make_configuration(ids({3, 1, 3}), ids({5, 4}));
  CHECK(peers.voters == ids({1, 3}));
  CHECK(peers.learners == ids({4, 5}));
  CHECK(peers.members() == ids({1, 3, 4, 5}));
  CHECK(peers.is_voter(node_id{3}));
  CHECK(!peers.is_voter(node_id{4}));
  CHECK(peers.contains(node_id{4}));
  CHECK(!peers.contains(node_id{2}));
}

TEST_CASE("an outgoing voter votes until the joint phase ends, then is gone or learns") {
  auto peers = make_configuration(ids({1, 2}), ids({6}));
  peers.outgoing = ids({1, 3, 4});
  peers.learners_next = ids({4});
  peers.auto_leave = true;
  CHECK(peers.is_voter(node_id{4}));
  CHECK(!peers.is_learner(node_id{4}));
  CHECK(peers.members() == ids({1, 2, 3, 4, 6}));
  CHECK(leave_joint(peers) == make_configuration(ids({1, 2}), ids({4, 6})));
}

TEST_CASE("truncation brings back the configuration before, by one or by two") {
  configuration_history held(log_index{0}, make_configuration(ids({1})));
  held.append(log_index{5}, make_configuration(ids({1, 2})));
  held.append(log_index{7}, make_configuration(ids({1, 2, 3})));
  SECTION("none") {
    CHECK(!held.truncate_from(log_index{8}));
    CHECK(held.latest().voters == ids({1, 2, 3}));
  }
  SECTION("one") {
    CHECK(held.truncate_from(log_index{7}));
    CHECK(held.latest().voters == ids({1, 2}));
    CHECK(held.latest_index() == log_index{5});
  }
  SECTION("two") {
    CHECK(held.truncate_from(log_index{4}));
    CHECK(held.latest().voters == ids({1}));
  }
}

TEST_CASE("a configuration may be in force until one behind it is committed") {
  configuration_history held(log_index{0}, make_configuration(ids({1, 2})));
  held.append(log_index{5}, make_configuration(ids({2, 3})));
  held.committed(log_index{4});
  CHECK(held.may_have_voter(node_id{1}));
  CHECK(held.may_have_voter(node_id{3}));
  held.committed(log_index{5});
  CHECK(!held.may_have_voter(node_id{1}));
}
