// Proposals: what is refused, and what bounds the leader's memory.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

TEST_CASE("a proposal says where it was put, all commands of it together") {
  auto h = leader_with(disk_of({1, 2, 3}));
  const std::vector<bytes> commands = {text("a"), text("b"), text("c")};
  const auto put = h->propose(commands);
  REQUIRE(put);
  CHECK(put->term == term{1});
  CHECK(put->first == log_index{2});
  CHECK(put->last == log_index{4});
  h.run();
  CHECK(h.durable.log.at(3)->data.view() == "c");
  CHECK(h.durable.log.at(3)->type == entry_type::data);
}

TEST_CASE("a follower refuses proposals and names its leader") {
  cluster c(3);
  c.elect(2);
  const auto refused = c.propose(1, "x");
  REQUIRE(refused);
  CHECK(refused->code == refusal_code::not_leader);
  CHECK(refused->leader == node_id{2});
}

TEST_CASE("a proposal for another term is refused, not stamped with the present one", "[trap-17]") {
  auto h = leader_with(disk_with({1, 2, 3}, {1}, 4));
  const bytes command = text("x");
  REQUIRE(h->soft().term == term{5});
  CHECK(h->propose({&command, 1}, term{4}).error().code == refusal_code::term_mismatch);
  CHECK(h->status().last == log_index{2});
  CHECK(h->propose({&command, 1}, term{5}));
}

TEST_CASE("a term that rises under way takes the proposal with its leader", "[trap-16]") {
  // Proposed in term 1, sent in one output, deposed before any answer: the answers of term 1 are
  // late, and what they acknowledge is not counted in term 3.
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  const bytes command = text("x");
  REQUIRE(h->propose({&command, 1}));
  h.run();
  h.receive(3, 2, heartbeat_request{});
  h.receive(2, 1, accepted_to(2));
  CHECK(h->soft().role == role::follower);
  CHECK(h->commit() == log_index{1});
  h.receive(3, 2, timeout_now{});
  h.receive(3, 3, granted());
  REQUIRE(h->soft().role == role::leader);
  h.receive(2, 1, accepted_to(2));
  CHECK(h->commit() == log_index{1});
}

TEST_CASE("proposals are refused while too much is uncommitted, but never all of them") {
  auto h = leader_with(disk_of({1, 2, 3}), [](auto& o) { o.uncommitted_bytes_max = 100; });
  h.receive(2, 1, accepted_to(1));
  const bytes large = text(std::string(500, 'x'));
  REQUIRE(h->propose({&large, 1}));
  CHECK(h->propose({&large, 1}).error().code == refusal_code::overloaded);
  const bytes small = text("x");
  CHECK(h->propose({&small, 1}).error().code == refusal_code::overloaded);
  h.run();
  h.receive(2, 1, accepted_to(2));
  CHECK(h->propose({&small, 1}));
}

TEST_CASE("a command that can never travel is refused as too large") {
  auto h = leader_with(disk_of({1, 2, 3}), [](auto& o) { o.append_bytes_in_flight_max = 1000; });
  const bytes command = text(std::string(1000, 'x'));
  CHECK(h->propose({&command, 1}).error().code == refusal_code::too_large);
  CHECK(h->status().last == log_index{1});
}

TEST_CASE("the window to a follower is bounded in requests and in bytes") {
  auto h = leader_with(disk_of({1, 2, 3}), [](auto& o) {
    o.append_requests_in_flight_max = 3;
    o.append_bytes_max = 40;
  });
  h.receive(2, 1, accepted_to(1));
  h.outbox.clear();
  for (int n = 0; n < 10; ++n) {
    const bytes command = text("12345678");
    REQUIRE(h->propose({&command, 1}));
    h.run();
  }
  auto p = h->status().progress.at(1);
  CHECK(p.in_flight == 3);
  CHECK(p.in_flight_full);
  CHECK(p.paused);
  CHECK(p.next == log_index{5});
  CHECK(h.take_sent<append_request>().size() == 3);
  h.receive(2, 1, accepted_to(3));
  p = h->status().progress.at(1);
  CHECK(p.in_flight == 3);
  CHECK(p.next == log_index{7});
}

TEST_CASE("a link that lost messages makes the leader probe") {
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  REQUIRE(h->status().progress.at(1).state == progress_state::replicate);
  h->unreachable(node_id{2});
  CHECK(h->status().progress.at(1).state == progress_state::probe);
  h->unreachable(node_id{9});
}

TEST_CASE("a heartbeat lets no follower commit more than it is known to hold") {
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  h.outbox.clear();
  h->tick(1);
  h.run();
  const auto sent = h.take_sent<heartbeat_request>();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].commit == log_index{1});
  CHECK(sent[1].commit == log_index{0});
}

TEST_CASE("an output without anything else to write still orders its replies behind the disk") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h->step({node_id{2}, node_id{1}, term{1}, append_of(0, 0, 0, {make_entry(1, 1)})});
  REQUIRE(h.take_one());
  h->step({node_id{2}, node_id{1}, term{1}, heartbeat_request{}});
  REQUIRE(h.take_one());
  REQUIRE(h.writes.size() == 2);
  CHECK(h.writes[1].sequence > h.writes[0].sequence);
  CHECK(h.writes[1].entries.empty());
  CHECK(!h.writes[1].hard);
  CHECK(h.outbox.empty());
  h.run();
  CHECK(h.take_sent<heartbeat_response>().size() == 1);
}

TEST_CASE("an idle member has nothing to do, and a core that was asked says all of it once") {
  cluster c(3);
  c.elect(1);
  c.settle();
  for (const auto& [id, h] : c.hosts()) {
    CHECK(!h->machine().has_output());
    CHECK(h->machine().take_output().empty());
  }
}

TEST_CASE("the leader is due for its heartbeat, a lone leader for nothing") {
  auto h = leader_with(disk_of({1, 2, 3}), [](auto& o) { o.heartbeat_ticks = 4; });
  CHECK(h->ticks_until_due() == 4);
  h->tick(3);
  CHECK(h->ticks_until_due() == 1);
  auto lone = leader_with(disk_of({1}));
  CHECK(lone->ticks_until_due() > 1000000);
}
