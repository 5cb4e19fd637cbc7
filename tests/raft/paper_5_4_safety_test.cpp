// Raft §5.4: safety.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

TEST_CASE("5.4.1: a vote goes only to a log at least as complete as the voter's") {
  struct check {
    std::vector<std::uint64_t> terms;
    std::uint64_t last_index;
    std::uint64_t last_term;
    bool granted;
  };
  const std::vector<check> checks = {
      {{1}, 1, 1, true},         {{1}, 2, 1, true},    {{1, 1}, 1, 1, false}, {{1}, 1, 2, true},
      {{1}, 2, 2, true},         {{1, 1}, 1, 2, true}, {{2}, 1, 1, false},    {{2}, 2, 1, false},
      {{2, 1 + 1}, 1, 1, false}, {{}, 0, 0, true},
  };
  for (const auto& c : checks) {
    for (const bool pre_vote : {false, true}) {
      auto h = follower_with(disk_with({1, 2}, c.terms, 2));
      h.receive(2, 3, vote_request{pre_vote, false, log_index{c.last_index}, term{c.last_term}});
      CHECK(h.take_sent<vote_response>().at(0).granted == c.granted);
    }
  }
}

TEST_CASE("5.4.2: an entry of an earlier term is not committed by counting", "[trap-1]") {
  auto h = leader_with(disk_with({1, 2, 3}, {1, 2}, 2));
  REQUIRE(h->soft().term == term{3});
  h.receive(2, 3, accepted_to(2));
  CHECK(h->commit() == log_index{0});
  h.receive(2, 3, accepted_to(3));
  CHECK(h->commit() == log_index{3});
}

// S1 leads term 2 and replicates index 2 to S2 only; S5 wins term 3 with an entry of its own at
// index 2 and crashes; S1 wins term 4 and replicates its old entry to S3, a majority. If that
// counted, S5 could still win and undo it.
TEST_CASE("figure 8: an entry on a majority may still be replaced, so it is not committed") {
  cluster c(0);
  const std::vector<std::uint64_t> all = {1, 2, 3, 4, 5};
  c.add(1, options_of(1), disk_with(all, {1, 2}, 3));
  c.add(2, options_of(2), disk_with(all, {1, 2}, 3));
  c.add(3, options_of(3), disk_with(all, {1}, 3));
  c.add(4, options_of(4), disk_with(all, {1}, 3));
  c.add(5, options_of(5), disk_with(all, {1, 3}, 3));
  c.isolate(5);
  // The old entry travels, the one of term 4 does not.
  c.loses = [](const message& m) {
    const auto* r = std::get_if<append_request>(&m.body);
    return r != nullptr && !r->entries.empty() && r->entries.back()->index > log_index{2};
  };
  c[1]->campaign();
  c.settle();
  REQUIRE(c[1]->soft().term == term{4});
  c[3].receive(1, 4, append_of(1, 1, 0, {make_entry(2, 2)}));
  c[2].receive(1, 4, append_of(2, 2, 0));
  c.settle();
  CHECK(c[1]->status().progress.at(1).match == log_index{2});
  CHECK(c[1]->status().progress.at(2).match == log_index{2});
  CHECK(c[1]->commit() == log_index{0});

  SECTION("S5 wins and overwrites it") {
    c.loses = {};
    c.heal();
    c.isolate(1);
    c[5]->tick(30);
    c[2]->forget_leader();
    c[3]->forget_leader();
    c[4]->forget_leader();
    c[5]->campaign();
    c.settle();
    // Two more rounds: the first teaches S5 the newer term.
    c[5]->campaign();
    c.settle();
    REQUIRE(c[5]->soft().role == role::leader);
    CHECK(c[2]->term_at(log_index{2}) == term{3});
    CHECK(c[3]->commit() == log_index{3});
  }
  SECTION("S1's own entry on a majority commits both") {
    c.loses = {};
    c.tick(3);
    CHECK(c[1]->commit() == log_index{3});
    CHECK(c[3]->term_at(log_index{2}) == term{2});
  }
}

TEST_CASE("10.2.1: the leader counts itself only once its log is durable", "[trap-11]") {
  auto h = leader_with(disk_of({1, 2, 3}));
  h.receive(2, 1, accepted_to(1));
  REQUIRE(h->commit() == log_index{1});
  const bytes command = text("x");
  REQUIRE(h->propose({&command, 1}));
  REQUIRE(h.take_one());
  h->step({node_id{2}, node_id{1}, term{1}, accepted_to(2)});
  CHECK(h->commit() == log_index{1});
  SECTION("its own disk completes the majority") {
    REQUIRE(h.write_one());
    CHECK(h->commit() == log_index{2});
  }
  SECTION("the others are a majority without it, but its processor waits for its disk") {
    h->step({node_id{3}, node_id{1}, term{1}, accepted_to(2)});
    CHECK(h->commit() == log_index{2});
    const auto before = h.committed.size();
    h.take_one();
    CHECK(h.committed.size() == before);
    REQUIRE(h.write_one());
    h.run();
    CHECK(h.committed.back()->index == log_index{2});
  }
}

TEST_CASE("10.2.1: the no-op counts for the leader only once it is durable", "[trap-11]") {
  auto h = follower_with(disk_of({1, 2}), [](auto& o) { o.pre_vote = false; });
  h->campaign();
  h.run();
  h->step({node_id{2}, node_id{1}, term{1}, granted()});
  REQUIRE(h->soft().role == role::leader);
  REQUIRE(h.take_one());
  h->step({node_id{2}, node_id{1}, term{1}, accepted_to(1)});
  CHECK(h->commit() == log_index{0});
  REQUIRE(h.write_one());
  CHECK(h->commit() == log_index{1});
}

TEST_CASE("10.2.1: a single voter commits nothing before its disk says so", "[trap-12]") {
  auto h = leader_with(disk_of({1}));
  h.run();
  REQUIRE(h->commit() == log_index{1});
  const bytes command = text("x");
  REQUIRE(h->propose({&command, 1}));
  REQUIRE(h.take_one());
  CHECK(h->commit() == log_index{1});
  REQUIRE(h.write_one());
  CHECK(h->commit() == log_index{2});
}

TEST_CASE("10.2.1: a late disk notice vouches for no entry that replaced its own", "[trap-9]") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h->step(
      {node_id{2}, node_id{1}, term{1}, append_of(0, 0, 0, {make_entry(1, 1), make_entry(2, 1)})});
  REQUIRE(h.take_one());
  h->step(
      {node_id{3}, node_id{1}, term{2}, append_of(0, 0, 2, {make_entry(1, 2), make_entry(2, 2)})});
  REQUIRE(h.take_one());
  REQUIRE(h.write_one());
  h.take_one();
  CHECK(h->status().stable == log_index{0});
  CHECK(h.committed.empty());
  REQUIRE(h.write_one());
  h.run();
  CHECK(h.committed.size() == 2);
  CHECK(h.committed.at(0)->term == term{2});
}

TEST_CASE("10.2.1: an entry written, replaced and sent again is stable by its last write alone",
          "[trap-9]") {
  auto h = follower_with(disk_of({1, 2, 3}));
  const auto take = [&h](std::uint64_t from, std::uint64_t t, append_request r) {
    h->step({node_id{from}, node_id{1}, term{t}, std::move(r)});
    REQUIRE(h.take_one());
  };
  take(2, 1, append_of(0, 0, 0, {make_entry(1, 1)}));
  take(3, 2, append_of(0, 0, 0, {make_entry(1, 2)}));
  // Leader 2 again, in term 3: it holds the entry of term 1 and has committed it.
  take(2, 3, append_of(0, 0, 2, {make_entry(1, 1), make_entry(2, 3)}));
  REQUIRE(h.write_one());
  CHECK(h->status().stable == log_index{0});
  REQUIRE(h.write_one());
  CHECK(h->status().stable == log_index{0});
  REQUIRE(h.write_one());
  CHECK(h->status().stable == log_index{2});
}

TEST_CASE("5.4.3: a follower drops no committed entry, whoever asks") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1}, 1));
  h.receive(2, 1, append_of(2, 1, 2));
  REQUIRE(h->commit() == log_index{2});
  h.receive(3, 2, append_of(0, 0, 0, {make_entry(1, 2)}));
  CHECK(h->term_at(log_index{1}) == term{1});
  CHECK(h.durable.at(log_index{1})->term == term{1});
}

TEST_CASE("5.4.3: two leaders in one term are an invariant broken: the member stops") {
  CHECK(aborts([] {
    auto h = leader_with(disk_of({1, 2, 3}));
    h.receive(2, 1, append_of(0, 0, 0, {make_entry(1, 1)}));
  }));
}

TEST_CASE("5.4.3: a log with entries newer than the durable term is not started from") {
  CHECK(aborts([] { follower_with(disk_with({1, 2, 3}, {1, 9}, 1)); }));
}
