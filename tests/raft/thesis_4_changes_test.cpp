// Thesis §4.1–4.3, the leader's side: which membership changes are taken, and what follows them.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

configuration_change change(std::vector<member_change> changes,
                            joint_transition transition = joint_transition::automatic) {
  return {.transition = transition, .changes = std::move(changes), .context = text("why")};
}
member_change voter(std::uint64_t id) {
  return {change_kind::add_voter, node_id{id}};
}
member_change learner(std::uint64_t id) {
  return {change_kind::add_learner, node_id{id}};
}
member_change removal(std::uint64_t id) {
  return {change_kind::remove, node_id{id}};
}

/// Three voters and two members that nobody knows yet; 1 leads and has committed.
cluster cluster_of_three(const tuning& tune = {}) {
  cluster c(3, tune);
  for (std::uint64_t id = 4; id <= 5; ++id) {
    c.add(id, options_of(id), disk_of({}));
  }
  c.elect(1);
  return c;
}

refusal_code refused(cluster& c, const configuration_change& wanted) {
  const auto asked = c[1]->propose_configuration(wanted);
  REQUIRE(!asked);
  return asked.error().code;
}

}  // namespace

TEST_CASE("4.1: one change goes in one step, and its entry carries the context") {
  auto c = cluster_of_three();
  REQUIRE(c[1]->propose_configuration(change({voter(4)})));
  CHECK(c[1]->status().peers.voters == ids({1, 2, 3, 4}));
  c.settle();
  CHECK(c[4]->status().peers.voters == ids({1, 2, 3, 4}));
  CHECK(c[4].durable.at(log_index{2})->data == text("why"));
  CHECK(!c[1]->status().peers.is_joint());
}

TEST_CASE("4.1: no change before an entry of the leader's own term is committed", "[trap-25]") {
  auto h = leader_with(disk_of({1, 2, 3}));
  const auto early = h->propose_configuration(change({voter(4)}));
  REQUIRE(!early);
  CHECK(early.error().code == refusal_code::change_pending);
  h.receive(2, h->soft().term.value(), accepted_to(h->status().last.value()));
  CHECK(h->propose_configuration(change({voter(4)})).has_value());
}

TEST_CASE("4.1: one change at a time") {
  auto c = cluster_of_three();
  c.isolate(2);
  c.isolate(3);
  CHECK(c[1]->status().peers_committed);
  REQUIRE(c[1]->propose_configuration(change({learner(4)})));
  CHECK(refused(c, change({learner(5)})) == refusal_code::change_pending);
  CHECK(!c[1]->status().peers_committed);
}

TEST_CASE("4.1: changes that cannot be are refused with their reason") {
  auto c = cluster_of_three();
  CHECK(refused(c, change({})) == refusal_code::invalid_change);
  CHECK(refused(c, change({removal(1), removal(2), removal(3)})) == refusal_code::invalid_change);
  CHECK(refused(c, change({voter(0)})) == refusal_code::invalid_change);
  const auto none = c[1]->propose_configuration(change({}));
  CHECK(none.error().why == "there is no joint configuration to leave");
  CHECK(c[2]->propose_configuration(change({voter(4)})).error().code == refusal_code::not_leader);
}

TEST_CASE("4.2.1: a learner votes only once it has nearly caught up") {
  auto c = cluster_of_three([](core_options& o) { o.promotion_lag_max = 0; });
  c.isolate(4);
  REQUIRE(c[1]->propose_configuration(change({learner(4)})));
  c.settle();
  CHECK(refused(c, change({voter(4)})) == refusal_code::not_caught_up);
  c.heal();
  c[1]->tick(2);
  c.settle();
  CHECK(c[1]->propose_configuration(change({voter(4)})).has_value());
}

TEST_CASE("4.2.1: a learner that never answered does not vote, however short the log is") {
  auto c = cluster_of_three();
  c.isolate(4);
  REQUIRE(c[1]->propose_configuration(change({learner(4)})));
  c.settle();
  CHECK(refused(c, change({voter(4)})) == refusal_code::not_caught_up);
  c.heal();
  c[1]->tick(5);
  c.settle();
  CHECK(c[1]->propose_configuration(change({voter(4)})).has_value());
}

TEST_CASE("4.3: several changes go through a joint phase that the leader ends") {
  auto c = cluster_of_three();
  REQUIRE(c[1]->propose_configuration(change({voter(4), voter(5), removal(2), removal(3)})));
  const auto joint = c[1]->status().peers;
  CHECK(joint.voters == ids({1, 4, 5}));
  CHECK(joint.outgoing == ids({1, 2, 3}));
  CHECK(joint.auto_leave);
  c.settle();
  CHECK(c[1]->status().peers == make_configuration(ids({1, 4, 5})));
  CHECK(c[5]->status().peers == make_configuration(ids({1, 4, 5})));
}

TEST_CASE("4.3: an explicit joint phase lasts until an empty change") {
  auto c = cluster_of_three();
  REQUIRE(c[1]->propose_configuration(
      change({learner(3), voter(4)}, joint_transition::explicit_leave)));
  c.settle();
  CHECK(c[1]->status().peers.learners_next == ids({3}));
  CHECK(refused(c, change({voter(5)})) == refusal_code::invalid_change);
  REQUIRE(c[1]->propose_configuration(change({})));
  c.settle();
  CHECK(c[4]->status().peers == make_configuration(ids({1, 2, 4}), ids({3})));
}

TEST_CASE("4.2.2: a leader that removes itself leads until that is committed", "[trap-31]") {
  auto c = cluster_of_three();
  REQUIRE(c[1]->propose_configuration(change({removal(1)})));
  CHECK(c[1]->soft().role == role::leader);
  c.settle();
  CHECK(c[1]->soft().role == role::follower);
  CHECK(c[2]->status().peers.voters == ids({2, 3}));
  CHECK(!c[1]->propose(std::vector{text("x")}));
}

TEST_CASE("4.2.2: a leader that leaves names its successor, and nobody waits for a timeout") {
  for (const auto& leaves : {removal(1), learner(1)}) {
    auto c = cluster_of_three();
    REQUIRE(c[1]->propose_configuration(change({leaves})));
    c.settle();  // without a tick
    REQUIRE((c.leader() == 2 || c.leader() == 3));
    CHECK(c[c.leader()]->soft().term == term{2});
    CHECK(c[1]->soft().role == role::follower);
    CHECK(!c.propose(c.leader(), "x"));
  }
}

TEST_CASE("4.2.2: a leader that leaves names the voter with the most entries, and no learner") {
  for (const auto& [most, least] : {std::pair(2U, 3U), std::pair(3U, 2U)}) {
    auto h = leader_with(disk_of({1, 2, 3}, {4}));
    const auto t = h->soft().term.value();
    h.receive(2, t, accepted_to(1));
    REQUIRE(h->propose_configuration(change({learner(1)})));
    REQUIRE(h->propose(std::vector{text("x"), text("y")}));
    h.run();
    h.receive(4, t, accepted_to(4));
    h.receive(most, t, accepted_to(3));
    h.outbox.clear();
    h.receive(least, t, accepted_to(2));
    CHECK(h->soft().role == role::follower);
    std::vector<node_id> named;
    for (const auto& m : h.outbox) {
      if (std::holds_alternative<timeout_now>(m.body)) {
        named.push_back(m.to);
      }
    }
    CHECK(named == ids({most}));
  }
}

TEST_CASE("4.2.2: whom an operator chose is named, if it has as much as any other") {
  for (const std::uint64_t chosen : {2U, 3U}) {
    auto c = cluster_of_three();
    c.loses = [](const message& m) { return std::holds_alternative<timeout_now>(m.body); };
    REQUIRE(c[1]->propose_configuration(change({removal(1)})));
    REQUIRE(c[1]->transfer_leadership(node_id{chosen}));
    c.collect();
    c.loses = {};
    c.settle();
    CHECK(c.leader() == chosen);
  }
}

TEST_CASE("4.2.2: when the successor never hears of it, the election timeout decides") {
  auto c = cluster_of_three();
  c.loses = [](const message& m) { return std::holds_alternative<timeout_now>(m.body); };
  REQUIRE(c[1]->propose_configuration(change({removal(1)})));
  c.settle();
  CHECK(c.leader() == 0);
  c.tick(20);
  CHECK(c.leader() > 1);
}

TEST_CASE("a member that joined keeps its log until it knows who the members are") {
  // Founders have their configuration from their settings: it stands in no log.
  auto joined = follower_with(disk_of({}));
  const auto log = disk_with({2, 3}, {1, 1, 1}, 1).log;
  joined.receive(2, 1, append_request{{}, {}, log_index{3}, log});
  REQUIRE(joined->status().applied == log_index{3});
  CHECK(joined->compactable() == log_index{});
  CHECK(joined->compactable(false) == log_index{});
  const auto peers = make_configuration(ids({2, 3}), ids({1}));
  joined.receive(
      2, 1,
      append_request{log_index{3}, term{1}, log_index{4}, {make_configuration_entry(4, 1, peers)}});
  CHECK(joined->compactable() == log_index{4});
  auto founder = follower_with(disk_of({1, 2, 3}));
  founder.receive(2, 1, append_request{{}, {}, log_index{3}, log});
  CHECK(founder->compactable() == log_index{3});
}

TEST_CASE("nothing that a follower still needs is given up while it is heard", "[trap-20]") {
  auto c = cluster_of_three();
  c.isolate(3);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(!c.propose(1, "x"));
  }
  c.settle();
  CHECK(c[1]->compactable() == log_index{1});
  for (int i = 0; i < 30; ++i) {
    c[1]->tick(1);
    c.settle();
  }
  CHECK(c[1]->compactable() == c[1]->status().applied);
}

TEST_CASE("4.1: reads go on when the member whose answer they lack is removed") {
  auto c = cluster_of_three();
  c.isolate(3);
  c.loses = [](const message& m) { return std::holds_alternative<heartbeat_request>(m.body); };
  REQUIRE(c[1]->read(read_id{1}));
  c.settle();
  CHECK(c[1].reads.empty());
  // Alone in the end: nobody is left who could answer the round.
  for (const std::uint64_t id : {3U, 2U}) {
    REQUIRE(c[1]->propose_configuration(change({removal(id)})));
    c.settle();
  }
  REQUIRE(c[1].reads.size() == 1);
  CHECK(c[1].reads[0].id == read_id{1});
  REQUIRE(c[1]->read(read_id{2}));
  c.settle();
  CHECK(c[1].reads.size() == 2);
}
