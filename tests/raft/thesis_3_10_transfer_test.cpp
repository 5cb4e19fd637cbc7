// Thesis §3.10: leadership transfer.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

TEST_CASE("3.10: leadership moves to a follower that is up to date, in spite of stickiness") {
  cluster c(3);
  c.elect(1);
  REQUIRE(c[1]->transfer_leadership(node_id{3}));
  c.settle();
  CHECK(c.leader() == 3);
  CHECK(c[1]->soft().leader == node_id{3});
  CHECK(c[1]->soft().term == term{2});
}

TEST_CASE("3.10: a follower that lags is brought up to date first") {
  cluster c(3);
  c.elect(1);
  c.isolate(3);
  REQUIRE(!c.propose(1, "x"));
  c.settle();
  REQUIRE(c[1]->transfer_leadership(node_id{3}));
  c.settle();
  CHECK(c.leader() == 1);
  c.heal();
  c.tick(2);
  CHECK(c.leader() == 3);
  CHECK(c[3]->commit() == log_index{3});
}

TEST_CASE("3.10: proposals are refused meanwhile, and taken again when it is given up") {
  cluster c(3);
  c.elect(1);
  c.isolate(3);
  REQUIRE(c[1]->transfer_leadership(node_id{3}));
  CHECK(c[1]->status().transferee == node_id{3});
  CHECK(c.propose(1, "x")->code == refusal_code::transferring);
  c.tick(9);
  CHECK(c.propose(1, "x")->code == refusal_code::transferring);
  c.tick(1);
  CHECK(c[1]->status().transferee.is_none());
  CHECK(!c.propose(1, "x"));
  CHECK(c.leader() == 1);
}

TEST_CASE("3.10: only another voter of the group can be handed the leadership") {
  cluster c(0);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    c.add(id, options_of(id), disk_of({1, 2}, {3}));
  }
  c.elect(1);
  CHECK(c[1]->transfer_leadership(node_id{3}).error().code == refusal_code::not_a_voter);
  CHECK(c[1]->transfer_leadership(node_id{9}).error().code == refusal_code::unknown_peer);
  CHECK(c[2]->transfer_leadership(node_id{1}).error().code == refusal_code::not_leader);
  CHECK(c[2]->transfer_leadership(node_id{1}).error().leader == node_id{1});
  REQUIRE(c[1]->transfer_leadership(node_id{1}));
  CHECK(c[1]->status().transferee.is_none());
  CHECK(!c.propose(1, "x"));
}

TEST_CASE("3.10: a later transfer replaces an earlier one") {
  cluster c(3);
  c.elect(1);
  c.isolate(3);
  REQUIRE(c[1]->transfer_leadership(node_id{3}));
  c.tick(5);
  REQUIRE(c[1]->transfer_leadership(node_id{2}));
  c.settle();
  CHECK(c.leader() == 2);
}

TEST_CASE("3.10: a member told to campaign does so at once, without asking beforehand") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h.receive(2, 1, heartbeat_request{});
  h.outbox.clear();
  h.receive(2, 1, timeout_now{});
  const auto asked = h.take_sent<vote_request>();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].forced);
  CHECK(!asked[0].pre_vote);
  CHECK(h->soft().term == term{2});
}

TEST_CASE("3.10: a learner that is told to campaign does not") {
  auto h = follower_with(disk_of({2, 3}, {1}));
  h.receive(2, 1, timeout_now{});
  CHECK(h->soft().role == role::follower);
}

TEST_CASE("3.10: a joint phase does not end while leadership is handed over, but right behind") {
  auto d = disk_of({1, 2});
  d.snapshot.peers.outgoing = ids({1, 2, 3});
  d.snapshot.peers.auto_leave = true;
  auto h = leader_with(d);
  REQUIRE(h->transfer_leadership(node_id{3}));
  h.receive(2, 1, accepted_to(1));
  CHECK(h->commit() == log_index{1});
  CHECK(h->status().peers.is_joint());
  h->tick(10);
  h.run();
  CHECK(h->status().transferee.is_none());
  CHECK(h->status().peers == make_configuration(ids({1, 2})));
  // The member that is left out can no longer be handed the leadership.
  CHECK(h->transfer_leadership(node_id{3}).error().code == refusal_code::unknown_peer);
}

TEST_CASE("3.10: a leader whose storage stalls names the voter that has most, and no learner") {
  auto h = leader_with(disk_of({1, 2, 3, 4, 5}, {6}));
  for (std::uint64_t id = 2; id <= 6; ++id) h.receive(id, 1, accepted_to(1));
  for (const auto* command : {"x", "y"}) {
    REQUIRE(h->propose(std::vector{text(command)}));
    h.run();
  }
  h.receive(6, 1, accepted_to(3));
  h.receive(4, 1, accepted_to(3));
  h.receive(3, 1, accepted_to(2));
  h.outbox.clear();
  h->storage_stalled(true);
  CHECK(h->status().transferee == node_id{4});
  h.run();
  REQUIRE(h.outbox.size() == 1);
  CHECK(h.outbox[0].to == node_id{4});
  CHECK(std::holds_alternative<timeout_now>(h.outbox[0].body));
}

TEST_CASE("3.10: a leader whose storage stalls names nobody that has been silent") {
  auto h = leader_with(disk_of({1, 2, 3}));
  for (std::uint64_t id : {2, 3}) h.receive(id, 1, accepted_to(1));
  h->tick(9);
  h.receive(3, 1, heartbeat_response{});
  h->tick(1);
  h->storage_stalled(true);
  CHECK(h->status().transferee.is_none());
  h.receive(2, 1, heartbeat_response{});
  h->storage_stalled(true);
  CHECK_FALSE(h->status().transferee.is_none());
}
