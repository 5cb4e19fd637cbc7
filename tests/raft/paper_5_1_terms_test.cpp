// Raft §5.1: terms.
#include <catch2/catch.hpp>

#include "host.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

TEST_CASE("5.1: a follower adopts a higher term and forgets its vote") {
  auto h = follower_with(disk_with({1, 2, 3}, {1}, 1));
  h.receive(2, 1, vote_request{false, false, log_index{9}, term{1}});
  REQUIRE(h.durable.hard.vote == node_id{2});
  h.receive(3, 2, append_of(1, 1, 0));
  CHECK(h.durable.hard == hard_state{term{2}, node_id{}});
  CHECK(h->soft().leader == node_id{3});
}

TEST_CASE("5.1: a candidate that sees a higher term becomes a follower") {
  auto h = follower_with(disk_with({1, 2, 3}, {1}, 1), [](auto& o) { o.pre_vote = false; });
  h->campaign();
  h.run();
  REQUIRE(h->soft().role == role::candidate);
  h.receive(2, 3, vote_response{false, false});
  CHECK(h->soft().role == role::follower);
  CHECK(h->soft().term == term{3});
}

TEST_CASE("5.1: a leader that sees a higher term becomes a follower") {
  auto h = leader_with(disk_with({1, 2, 3}, {1}, 1));
  h.receive(2, 3, append_response{});
  CHECK(h->soft().role == role::follower);
  CHECK(h->soft().term == term{3});
  CHECK(h->soft().leader == node_id{});
}

TEST_CASE("5.1: requests of an older term change nothing") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 4}, 4));
  h.receive(2, 3, append_of(1, 1, 2, {make_entry(2, 3)}));
  h.receive(2, 3, heartbeat_request{log_index{2}, read_round{}});
  h.receive(2, 3, vote_request{false, false, log_index{9}, term{3}});
  h.receive(2, 3, timeout_now{});
  h.receive(2, 3, install_snapshot{{log_index{9}, term{3}, make_configuration(ids({1, 2}))}, {}});
  CHECK(h->soft() == soft_state{role::follower, term{4}, node_id{}});
  CHECK(h.durable.last() == log_index{2});
  CHECK(h.durable.hard.vote.is_none());
  CHECK(h->commit() == log_index{0});
}

TEST_CASE("5.1: messages for or from nobody known to be meant are dropped") {
  auto h = leader_with(disk_with({1, 2, 3}, {1}, 1));
  h->step({node_id{2}, node_id{3}, term{9}, append_response{}});
  h->step({node_id{1}, node_id{1}, term{9}, append_response{}});
  h->step({node_id{}, node_id{1}, term{9}, append_response{}});
  h.receive(7, 2, accepted_to(2));
  CHECK(h->soft().role == role::leader);
  CHECK(h->commit() == log_index{0});
}

TEST_CASE("5.1: whoever leads in an older term is told so, whatever the options") {
  // The leader may not know this voter's peers, and nobody asked for its vote: only an answer
  // tells.
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1}, 4), [](core_options& o) {
    o.pre_vote = false;
    o.check_quorum = false;
  });
  h->step({node_id{2}, node_id{1}, term{1}, append_of(2, 1, 2)});
  h->step({node_id{2}, node_id{1}, term{1}, heartbeat_request{}});
  h.run();
  REQUIRE(h.outbox.size() == 2);
  CHECK(h.outbox[0].term == term{4});
  CHECK(h.outbox[0].to == node_id{2});
  CHECK(h->commit() == log_index{0});
}

TEST_CASE("5.1: whoever asks for a vote in an older term is told the newer one") {
  // It may be the only one that can win, and the one asked a candidate without hope, always ahead.
  auto h = follower_with(disk_with({1, 2, 3}, {1}, 4), [](core_options& o) { o.pre_vote = false; });
  h->step({node_id{2}, node_id{1}, term{3}, vote_request{false, false, log_index{9}, term{3}}});
  h.run();
  REQUIRE(h.outbox.size() == 1);
  CHECK(h.outbox[0].term == term{4});
  CHECK(std::get<vote_response>(h.outbox[0].body) == vote_response{false, false});
  CHECK(h.durable.hard.vote.is_none());
}
