// Thesis §9.6: pre-vote, and §4.2.3: stickiness.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

TEST_CASE("9.6: asking beforehand changes no term on either side") {
  auto h = follower_with(disk_with({1, 2, 3}, {1}, 1));
  h->campaign();
  h.run();
  CHECK(h->soft() == soft_state{role::pre_candidate, term{1}, node_id{}});
  CHECK(h.durable.hard == hard_state{term{1}, node_id{}});
  auto other = follower_with(disk_with({1, 2, 3}, {1}, 1));
  other.receive(2, 2, vote_request{true, false, log_index{1}, term{1}});
  CHECK(other->soft().term == term{1});
  REQUIRE(other.outbox.size() == 1);
  CHECK(other.outbox[0].term == term{2});
  CHECK(other.take_sent<vote_response>().at(0) == vote_response{true, true});
}

TEST_CASE("9.6: the real election begins once a majority would vote") {
  auto h = follower_with(disk_with({1, 2, 3}, {1}, 1));
  h->campaign();
  h.run();
  h.outbox.clear();
  h.receive(2, 2, vote_response{true, true});
  CHECK(h->soft().role == role::candidate);
  CHECK(h->soft().term == term{2});
  const auto asked = h.take_sent<vote_request>();
  REQUIRE(asked.size() == 2);
  CHECK(!asked[0].pre_vote);
}

TEST_CASE("9.6: late answers of another campaign do not count") {
  auto h = follower_with(disk_with({1, 2, 3}, {1}, 5));
  h->campaign();
  h.run();
  h.receive(2, 5, vote_response{true, true});
  CHECK(h->soft().role == role::pre_candidate);
  h.receive(2, 5, vote_response{false, true});
  CHECK(h->soft().role == role::pre_candidate);
}

TEST_CASE("9.6: a member that comes back does not disturb the leader") {
  cluster c(3);
  c.elect(1);
  c.isolate(3);
  c.tick(100);
  CHECK(c[3]->soft().role == role::pre_candidate);
  CHECK(c[3]->soft().term == term{1});
  c.heal();
  c.tick(30);
  CHECK(c.leader() == 1);
  CHECK(c[1]->soft().term == term{1});
  CHECK(c[3]->soft().leader == node_id{1});
}

TEST_CASE("9.6: a member in a lower term learns the higher one from the refusal", "[trap-29]") {
  // 3 has the better log but an older term; 2 has the newer term and cannot win.
  cluster c(0);
  c.add(1, options_of(1), disk_with({1, 2, 3}, {1, 1, 1}, 1));
  c.add(2, options_of(2), disk_with({1, 2, 3}, {1}, 9));
  c.add(3, options_of(3), disk_with({1, 2, 3}, {1, 1, 1}, 1));
  c.isolate(1);
  c[3]->campaign();
  c.settle();
  CHECK(c[3]->soft().role == role::follower);
  CHECK(c[3]->soft().term == term{9});
  c[3]->campaign();
  c.settle();
  CHECK(c.leader() == 3);
  CHECK(c[3]->soft().term == term{10});
}

TEST_CASE("4.2.3: a member that hears its leader ignores campaigns, unless they are forced") {
  for (const bool pre_vote : {false, true}) {
    auto h = follower_with(disk_of({1, 2, 3}));
    h.receive(2, 1, heartbeat_request{});
    h.outbox.clear();
    h.receive(3, 2, vote_request{pre_vote, false, log_index{9}, term{1}});
    CHECK(h.outbox.empty());
    CHECK(h->soft().term == term{1});
    h.receive(3, 2, vote_request{pre_vote, true, log_index{9}, term{1}});
    CHECK(h.take_sent<vote_response>().at(0).granted);
  }
}

TEST_CASE("4.2.3: after an election timeout without its leader a member votes again") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h->fix_election_timeout(19);
  h.receive(2, 1, heartbeat_request{});
  h->fix_election_timeout(19);
  h->tick(10);
  h.outbox.clear();
  h.receive(3, 2, vote_request{false, false, log_index{9}, term{1}});
  CHECK(h.take_sent<vote_response>().at(0).granted);
}

TEST_CASE("4.2.3: a member stuck in a higher term is freed by its answer to the leader") {
  // Without pre-vote 3 drove its term up alone; the others ignore its campaigns.
  cluster c(3, [](auto& o) { o.pre_vote = false; });
  c.elect(1);
  c.isolate(3);
  c.tick(60);
  REQUIRE(c[3]->soft().term > term{2});
  c.heal();
  c.tick(40);
  const auto leader = c.leader();
  REQUIRE(leader != 0);
  CHECK(c[leader]->soft().term >= c[3]->soft().term);
  CHECK(c[3]->soft().leader == node_id{leader});
}

TEST_CASE("4.2.3: a leader that is forgotten no longer keeps members from voting") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h.receive(2, 1, heartbeat_request{});
  h->forget_leader();
  h.outbox.clear();
  h.receive(3, 2, vote_request{true, false, log_index{9}, term{1}});
  CHECK(h.take_sent<vote_response>().at(0).granted);
  h.receive(2, 1, heartbeat_request{});
  CHECK(h->soft().leader == node_id{2});
}
