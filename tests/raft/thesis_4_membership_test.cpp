// Thesis §4: configurations in force, learners, joint consensus, members that do not belong.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

configuration joint(std::vector<std::uint64_t> incoming, std::vector<std::uint64_t> outgoing) {
  auto peers = make_configuration(ids(incoming));
  peers.outgoing = ids(outgoing);
  return peers;
}

disk disk_of_peers(configuration peers) {
  auto d = disk_of({});
  d.snapshot.peers = std::move(peers);
  return d;
}

}  // namespace

TEST_CASE("4.1: a configuration is in force from the moment it is appended") {
  auto h = follower_with(disk_of({1, 2, 3}));
  const auto fewer = make_configuration(ids({1, 2}));
  h.receive(2, 1, append_of(0, 0, 0, {make_configuration_entry(1, 1, fewer)}));
  CHECK(h->commit() == log_index{0});
  CHECK(h->status().peers == fewer);
}

TEST_CASE("4.1: truncation brings back the configuration that the log then ends with",
          "[trap-26]") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h.receive(2, 1,
            append_of(0, 0, 0,
                      {make_configuration_entry(1, 1, make_configuration(ids({1, 2}))),
                       make_configuration_entry(2, 1, make_configuration(ids({1})))}));
  REQUIRE(h->status().peers.voters == ids({1}));
  SECTION("one") {
    h.receive(3, 2, append_of(1, 1, 0, {make_entry(2, 2)}));
    CHECK(h->status().peers.voters == ids({1, 2}));
  }
  SECTION("two") {
    h.receive(3, 2, append_of(0, 0, 0, {make_entry(1, 2)}));
    CHECK(h->status().peers.voters == ids({1, 2, 3}));
  }
  SECTION("and a restart finds the same") {
    h.receive(3, 2, append_of(1, 1, 0, {make_entry(2, 2)}));
    h.crash();
    h.start();
    CHECK(h->status().peers.voters == ids({1, 2}));
  }
}

TEST_CASE("4.2.1: a learner receives the log but neither campaigns nor counts") {
  cluster c(0);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    c.add(id, options_of(id), disk_of({1, 2}, {3}));
  }
  c[3]->tick(1000);
  CHECK(c[3]->soft().role == role::follower);
  c.elect(1);
  CHECK(c[3]->commit() == log_index{1});
  c.isolate(2);
  REQUIRE(!c.propose(1, "x"));
  c.settle();
  CHECK(c[3].durable.last() == log_index{2});
  CHECK(c[1]->commit() == log_index{1});
}

TEST_CASE("4.2.1: a voter that was promoted without knowing yet still votes", "[trap-28]") {
  for (const auto& knows : {disk_of({2, 3}, {1}), disk_of({2, 3}), disk_of({})}) {
    auto h = follower_with(knows);
    h.receive(2, 1, vote_request{false, false, log_index{5}, term{1}});
    CHECK(h.take_sent<vote_response>().at(0).granted);
  }
}

TEST_CASE("4.2.2: a leader that its committed configuration leaves out steps down", "[trap-31]") {
  for (const bool steps_down : {true, false}) {
    auto d = disk_of_peers(joint({2, 3}, {1, 2, 3}));
    d.snapshot.peers.auto_leave = true;
    auto h = leader_with(d, [&](auto& o) { o.step_down_on_removal = steps_down; });
    // The no-op commits under both majorities, and the leader ends the joint phase by itself.
    h.receive(2, 1, accepted_to(1));
    h.receive(3, 1, accepted_to(1));
    REQUIRE(h->status().peers == make_configuration(ids({2, 3})));
    REQUIRE(h.durable.last() == log_index{2});
    CHECK(h->soft().role == role::leader);
    // It no longer counts: one of two is no majority.
    h.receive(2, 1, accepted_to(2));
    CHECK(h->commit() == log_index{1});
    h.take_sent<append_request>();
    h.receive(3, 1, accepted_to(2));
    CHECK(h->commit() == log_index{2});
    CHECK((h->soft().role == role::follower) == steps_down);
    // The others learn of the commit before it leaves.
    CHECK(h.take_sent<append_request>().size() == 2);
    h->tick(100);
    CHECK((h->soft().role == role::follower) == steps_down);
  }
}

TEST_CASE("4.2.2: a member left out by an uncommitted configuration still campaigns") {
  // The others do not have the entry: without this member's log nobody could win.
  auto d = disk_of_peers(joint({2, 3}, {1, 2, 3}));
  d.hard.term = term{1};
  d.log.push_back(make_configuration_entry(1, 1, make_configuration(ids({2, 3}))));
  auto h = follower_with(d, [](auto& o) { o.pre_vote = false; });
  h->tick(20);
  h.run();
  REQUIRE(h->soft().role == role::candidate);
  h.receive(2, 2, granted());
  CHECK(h->soft().role == role::candidate);
  h.receive(3, 2, granted());
  CHECK(h->soft().role == role::leader);
}

TEST_CASE("4.2.3: a removed member that campaigns does not disturb a living leader", "[trap-30]") {
  cluster c(0);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    c.add(id, options_of(id), disk_of({1, 2, 3}));
  }
  c.elect(1);
  // Member 4 was removed and does not know; it does not even ask beforehand.
  auto options = options_of(4);
  options.pre_vote = false;
  auto d = disk_of({1, 2, 3, 4});
  d.hard.term = term{50};
  c.add(4, options, d);
  c.tick(100);
  CHECK(c.leader() == 1);
  CHECK(c[1]->soft().term == term{1});
}

TEST_CASE("4.3: in the joint phase elections and commits need both majorities") {
  auto h = follower_with(disk_of_peers(joint({1, 2, 3}, {3, 4, 5})),
                         [](auto& o) { o.pre_vote = false; });
  h->campaign();
  h.run();
  CHECK(h.take_sent<vote_request>().size() == 4);
  h.receive(2, 1, granted());
  h.receive(3, 1, granted());
  CHECK(h->soft().role == role::candidate);
  h.receive(4, 1, granted());
  REQUIRE(h->soft().role == role::leader);
  h.receive(2, 1, accepted_to(1));
  h.receive(3, 1, accepted_to(1));
  CHECK(h->commit() == log_index{0});
  h.receive(5, 1, accepted_to(1));
  CHECK(h->commit() == log_index{1});
}

TEST_CASE("4.3: a joint phase that ends by itself is ended once by the leader") {
  cluster c(0);
  auto peers = joint({1, 2, 3}, {3, 4, 5});
  peers.learners_next = ids({4});
  peers.auto_leave = true;
  for (std::uint64_t id = 1; id <= 5; ++id) {
    c.add(id, options_of(id), disk_of_peers(peers));
  }
  c.elect(1);
  c.tick(5);
  CHECK(c[1]->status().peers == make_configuration(ids({1, 2, 3}), ids({4})));
  CHECK(c[1]->commit() == log_index{2});
  CHECK(c[4]->commit() == log_index{2});
  CHECK(c[1]->status().progress.size() == 4);
}

TEST_CASE("4.3: a joint phase that does not end by itself lasts") {
  cluster c(0);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    c.add(id, options_of(id), disk_of_peers(joint({1, 2}, {1, 2, 3})));
  }
  c.elect(1);
  c.tick(5);
  CHECK(c[1]->status().peers.is_joint());
}
