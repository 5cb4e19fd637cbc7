// Thesis §6.4: linearizable reads, §6.4.1: leases, §6.2: leaders that reach nobody.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

heartbeat_response answer_to(const heartbeat_request& r) {
  return {.round = r.round};
}

void with_leases(core_options& o) {
  o.reads = read_policy::lease;
}

}  // namespace

TEST_CASE("6.4: a read is served once a quorum confirms the leader, at the commit index then") {
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  h.outbox.clear();
  REQUIRE(h->read(read_id{7}));
  h.run();
  CHECK(h.reads.empty());
  const auto asked = h.take_sent<heartbeat_request>();
  REQUIRE(asked.size() == 2);
  REQUIRE(!asked[0].round.is_none());
  h.receive(2, 1, answer_to(asked[0]));
  REQUIRE(h.reads.size() == 1);
  CHECK(h.reads[0].id == read_id{7});
  CHECK(h.reads[0].index == log_index{1});
}

TEST_CASE("6.4: a read before an entry of the own term is committed waits for it", "[trap-21]") {
  auto h = leader_with(disk_with({1, 2, 3}, {1, 1}, 1));
  REQUIRE(h->read(read_id{7}));
  h.run();
  h.receive(2, 2, heartbeat_response{});
  CHECK(h.reads.empty());
  h.receive(2, 2, accepted_to(3));
  const auto asked = h.take_sent<heartbeat_request>();
  REQUIRE(!asked.empty());
  h.receive(2, 2, answer_to(asked.back()));
  REQUIRE(h.reads.size() == 1);
  CHECK(h.reads[0].index == log_index{3});
}

TEST_CASE("6.4: a single voter that restarts waits for its own entry as well", "[trap-22]") {
  auto h = follower_with(disk_with({1}, {1, 1}, 1));
  h->campaign();
  h.run();
  REQUIRE(h->soft().role == role::leader);
  h.crash();
  h.start();
  h->campaign();
  REQUIRE(h.take_one());
  REQUIRE(h.write_one());
  REQUIRE(h->soft().role == role::leader);
  REQUIRE(h->read(read_id{7}));
  REQUIRE(h.take_one());
  CHECK(h.reads.empty());
  h.run();
  REQUIRE(h.reads.size() == 1);
  CHECK(h.reads[0].index == log_index{4});
}

TEST_CASE("6.4: an answer to an earlier round confirms no later read", "[trap-23]") {
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  h.outbox.clear();
  REQUIRE(h->read(read_id{7}));
  h.run();
  const auto first = h.take_sent<heartbeat_request>().at(0);
  h.receive(2, 1, answer_to(first));
  REQUIRE(h.reads.size() == 1);
  // The leader pauses; the same read id comes back; the other follower's answer is late.
  REQUIRE(h->read(read_id{7}));
  h.run();
  h.receive(3, 1, answer_to(first));
  CHECK(h.reads.size() == 1);
  const auto second = h.take_sent<heartbeat_request>().at(0);
  CHECK(second.round > first.round);
  h.receive(3, 1, answer_to(second));
  CHECK(h.reads.size() == 2);
}

TEST_CASE("6.4: rounds are not reused after the leader was deposed and elected again",
          "[trap-23]") {
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  h.outbox.clear();
  REQUIRE(h->read(read_id{1}));
  h.run();
  const auto first = h.take_sent<heartbeat_request>().at(0);
  h.receive(2, 2, append_of(0, 0, 0));
  CHECK(h.reads_failed == std::vector<read_id>{read_id{1}});
  h.receive(3, 2, timeout_now{});
  h.receive(3, 3, granted());
  REQUIRE(h->soft().role == role::leader);
  h.receive(3, 3, accepted_to(2));
  h.outbox.clear();
  REQUIRE(h->read(read_id{2}));
  h.run();
  CHECK(h.take_sent<heartbeat_request>().at(0).round > first.round);
}

TEST_CASE("6.4: an answer to a round that was never started confirms nothing") {
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  h.receive(2, 1, heartbeat_response{read_round{99}});
  REQUIRE(h->read(read_id{7}));
  h.run();
  CHECK(h.reads.empty());
}

TEST_CASE("6.4: reads asked together share one round") {
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  h.outbox.clear();
  for (std::uint64_t id = 1; id <= 100; ++id) {
    REQUIRE(h->read(read_id{id}));
  }
  h.run();
  const auto asked = h.take_sent<heartbeat_request>();
  CHECK(asked.size() == 2);
  h.receive(3, 1, answer_to(asked[0]));
  CHECK(h.reads.size() == 100);
}

TEST_CASE("6.4: a lost round is confirmed by the next heartbeat") {
  cluster c(3);
  c.elect(1);
  c.loses = [](const message& m) { return std::holds_alternative<heartbeat_request>(m.body); };
  REQUIRE(c[1]->read(read_id{7}));
  c.settle();
  CHECK(c[1].reads.empty());
  c.loses = {};
  c.tick(1);
  CHECK(c[1].reads.size() == 1);
}

TEST_CASE("6.4: reads beyond the limit are refused as overloaded") {
  auto h = leader_with(disk_of({1, 2, 3}), [](auto& o) { o.pending_reads_max = 2; });
  REQUIRE(h->read(read_id{1}));
  REQUIRE(h->read(read_id{2}));
  CHECK(h->read(read_id{3}).error().code == refusal_code::overloaded);
}

TEST_CASE("6.4: a follower asks its leader, and serves the read itself") {
  cluster c(3);
  c.elect(1);
  REQUIRE(c[3]->read(read_id{7}));
  c.settle();
  REQUIRE(c[3].reads.size() == 1);
  CHECK(c[3].reads[0].index == log_index{1});
}

TEST_CASE("6.4: a follower without a leader refuses reads") {
  auto h = follower_with(disk_of({1, 2, 3}));
  CHECK(h->read(read_id{1}).error().code == refusal_code::not_leader);
}

TEST_CASE("6.4: a follower's reads fail after an election timeout without an answer") {
  cluster c(3);
  c.elect(1);
  c.loses = [](const message& m) { return std::holds_alternative<read_index_response>(m.body); };
  REQUIRE(c[3]->read(read_id{7}));
  c.tick(9);
  CHECK(c[3].reads_failed.empty());
  CHECK(c[3]->ticks_until_due() == 1);
  c.tick(1);
  CHECK(c[3].reads_failed == std::vector<read_id>{read_id{7}});
}

TEST_CASE("6.4: a follower's reads fail when its leader changes or is forgotten") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h.receive(2, 1, heartbeat_request{});
  REQUIRE(h->read(read_id{7}));
  SECTION("a new term") {
    h.receive(3, 2, heartbeat_request{});
  }
  SECTION("a campaign of its own") {
    h->tick(20);
  }
  SECTION("forgotten") {
    h->forget_leader();
  }
  h.run();
  CHECK(h.reads_failed == std::vector<read_id>{read_id{7}});
}

TEST_CASE("6.4: who is asked for a read index and does not lead says so at once") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h.receive(2, 3, heartbeat_request{});
  h.outbox.clear();
  h.receive(3, 3, read_index_request{read_id{7}});
  CHECK(h.take_sent<read_index_response>().at(0).index.is_none());
  h.receive(3, 2, read_index_request{read_id{8}});
  CHECK(h.take_sent<read_index_response>().at(0).index.is_none());
}

TEST_CASE("6.4: a leader that is deposed fails its reads, its own and others'") {
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  REQUIRE(h->read(read_id{7}));
  h.receive(3, 1, read_index_request{read_id{8}});
  h.outbox.clear();
  h.receive(2, 2, heartbeat_request{});
  CHECK(h.reads_failed == std::vector<read_id>{read_id{7}});
  CHECK(h.take_sent<read_index_response>().at(0).index.is_none());
}

TEST_CASE("6.4.1: with a lease reads are served at once, and only while it lasts", "[trap-24]") {
  auto h = leader_with(disk_of({1, 2, 3}), with_leases);
  h.receive(2, 1, accepted_to(1));
  h.outbox.clear();
  h->tick(1);
  h.run();
  const auto asked = h.take_sent<heartbeat_request>().at(0);
  h->tick(2);
  h.receive(2, 1, answer_to(asked));
  REQUIRE(h->read(read_id{1}));
  h.run();
  CHECK(h.reads.size() == 1);
  // It counts from when the heartbeat was sent, not from when the answer came.
  h->tick(5);
  REQUIRE(h->read(read_id{2}));
  h.run();
  CHECK(h.reads.size() == 2);
  h->tick(1);
  REQUIRE(h->read(read_id{3}));
  h.run();
  CHECK(h.reads.size() == 2);
}

TEST_CASE("6.4.1: a transfer revokes the lease, also when it was given up", "[trap-24]") {
  auto h = leader_with(disk_of({1, 2, 3}), with_leases);
  h.receive(2, 1, accepted_to(1));
  h.outbox.clear();
  h->tick(1);
  h.run();
  h.receive(2, 1, answer_to(h.take_sent<heartbeat_request>().at(0)));
  REQUIRE(h->transfer_leadership(node_id{2}));
  REQUIRE(h->read(read_id{1}));
  h.run();
  CHECK(h.reads.empty());
  REQUIRE(h->transfer_leadership(node_id{1}));
  REQUIRE(h->status().transferee.is_none());
  // The order to campaign may still arrive.
  REQUIRE(h->read(read_id{2}));
  h.run();
  CHECK(h.reads.empty());
}

TEST_CASE("6.4.1: who confirmed a lease votes for nobody until it ends, not even after a restart",
          "[trap-24]") {
  auto h = follower_with(disk_of({1, 2, 3}), [](auto& o) {
    o.reads = read_policy::lease;
    o.restart_grace = true;
  });
  h.receive(2, 1, heartbeat_request{});
  h.crash();
  h.start();
  h.outbox.clear();
  const vote_request ask{false, false, log_index{5}, term{1}};
  h.receive(3, 2, ask);
  CHECK(h.outbox.empty());
  h->tick(10);
  h.receive(3, 2, ask);
  CHECK(h.take_sent<vote_response>().size() == 1);
}

TEST_CASE("6.4.1: who confirmed a lease does not elect itself either") {
  auto h = follower_with(disk_of({1, 2, 3}), [](auto& o) {
    o.reads = read_policy::lease;
    o.pre_vote = false;
  });
  h.receive(2, 1, heartbeat_request{});
  h->campaign();
  CHECK(h->soft().role == role::follower);
  h->forget_leader();
  CHECK(h->soft().leader == node_id{2});
}

TEST_CASE("6.2: a leader that hears from no quorum for an election timeout steps down") {
  cluster c(3);
  c.elect(1);
  c.tick(11);
  c.isolate(1);
  c.tick(10);
  CHECK(c[1]->soft().role == role::leader);
  c.tick(10);
  CHECK(c[1]->soft().role != role::leader);
}

TEST_CASE("6.2: a leader that hears from a quorum stays, also when others are gone") {
  cluster c(5);
  c.elect(1);
  c.isolate(4);
  c.isolate(5);
  c.tick(100);
  CHECK(c[1]->soft().role == role::leader);
}

TEST_CASE("6.2: without quorum checks a leader stays alone") {
  cluster c(3, [](auto& o) { o.check_quorum = false; });
  c.elect(1);
  c.isolate(1);
  c.tick(50);
  CHECK(c[1]->soft().role == role::leader);
}
