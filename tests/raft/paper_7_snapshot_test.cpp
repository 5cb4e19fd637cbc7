// Raft §7: log compaction, and what of the log is read from disk.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

install_snapshot snapshot_at(std::uint64_t index, std::uint64_t t) {
  return {{log_index{index}, term{t}, make_configuration(ids({1, 2, 3}))}, text("somewhere")};
}

/// A group of three in which member 3 missed entries that the leader, member 1, compacted away.
cluster with_a_lagging_member() {
  cluster c(3);
  c.elect(1);
  c.isolate(3);
  for (int n = 0; n < 5; ++n) {
    REQUIRE(!c.propose(1, "x"));
  }
  c.settle();
  c[1].compact(log_index{5});
  return c;
}

}  // namespace

TEST_CASE("7: a snapshot replaces the log, durably, before it is acknowledged") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1}, 1));
  h->step({node_id{2}, node_id{1}, term{1}, snapshot_at(9, 1)});
  REQUIRE(h.take_one());
  CHECK(h.outbox.empty());
  REQUIRE(h.writes.front().snapshot);
  CHECK(h.writes.front().snapshot->source == text("somewhere"));
  REQUIRE(h.write_one());
  CHECK(h.take_sent<append_response>().at(0).matched == log_index{9});
  CHECK(h->status().first == log_index{10});
  CHECK(h->status().stable == log_index{9});
  CHECK(h->status().applied == log_index{9});
}

TEST_CASE("7: entries are handed out behind an installed snapshot") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1}, 1));
  h.receive(2, 1, snapshot_at(9, 1));
  h.receive(2, 1, append_of(9, 1, 10, {make_entry(10, 1)}));
  REQUIRE(h.committed.size() == 1);
  CHECK(h.committed[0]->index == log_index{10});
}

TEST_CASE("7: a snapshot of what is committed anyway is acknowledged and ignored") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1, 1}, 1));
  h.receive(2, 1, append_of(3, 1, 3));
  h.outbox.clear();
  h.receive(2, 1, snapshot_at(2, 1));
  CHECK(h.take_sent<append_response>().at(0).matched == log_index{3});
  CHECK(h->status().first == log_index{1});
}

TEST_CASE("7: a snapshot whose last entry the log holds only moves the commit index") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1, 1}, 1));
  h.receive(2, 1, snapshot_at(2, 1));
  CHECK(h->commit() == log_index{2});
  CHECK(h.durable.last() == log_index{3});
  CHECK(h.committed.size() == 2);
}

TEST_CASE("7: a snapshot whose last entry has another term here discards the whole log",
          "[trap-18]") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1, 1, 1}, 2));
  h.receive(2, 2, snapshot_at(3, 2));
  CHECK(h->status().last == log_index{3});
  CHECK(h->term_at(log_index{3}) == term{2});
  CHECK(h.durable.log.empty());
  CHECK(h.committed.empty());
}

TEST_CASE("7: a snapshot brings its configuration") {
  auto h = follower_with(disk_of({1, 2, 3}));
  auto snapshot = snapshot_at(9, 1);
  snapshot.point.peers = make_configuration(ids({2, 3}), ids({1}));
  h.receive(2, 1, snapshot);
  CHECK(h->status().peers == snapshot.point.peers);
  h->tick(100);
  CHECK(h->soft().role == role::follower);
}

TEST_CASE("7: a member does not campaign while a snapshot is being written") {
  auto h = follower_with(disk_of({1, 2, 3}), [](auto& o) { o.pre_vote = false; });
  h->step({node_id{2}, node_id{1}, term{1}, snapshot_at(9, 1)});
  REQUIRE(h.take_one());
  h->tick(100);
  CHECK(h->soft().role == role::follower);
  REQUIRE(h.write_one());
  h->tick(100);
  CHECK(h->soft().role == role::candidate);
}

TEST_CASE("7: the term of the last compacted entry stays known", "[trap-19]") {
  cluster c(3);
  c.elect(1);
  REQUIRE(!c.propose(1, "x"));
  c.settle();
  c[1].compact(log_index{2});
  c[1].crash();
  c[1].start();
  CHECK(c[1]->term_at(log_index{2}) == term{1});
  c[2]->forget_leader();
  c[3]->forget_leader();
  c.elect(1);
  // The first append behind the base finds its place: no snapshot is sent.
  CHECK(c[1].snapshots_wanted.empty());
  CHECK(c[2]->commit() == log_index{3});
}

TEST_CASE("7: a follower that needs compacted entries is sent a snapshot and goes on") {
  auto c = with_a_lagging_member();
  c.heal();
  c.tick(2);
  CHECK(c[1].snapshots_wanted == ids({3}));
  CHECK(c[3]->commit() == log_index{6});
  CHECK(c[3]->status().first == log_index{7});
  CHECK(c[1]->status().progress.at(2).state == progress_state::replicate);
}

TEST_CASE("7: no snapshot is made for a follower that does not answer") {
  auto c = with_a_lagging_member();
  c.tick(20);
  CHECK(c[1].snapshots_wanted.empty());
}

TEST_CASE("7: nothing is sent to a follower while its snapshot travels") {
  auto c = with_a_lagging_member();
  c[1].sends_snapshots = false;
  c.heal();
  c.tick(2);
  REQUIRE(c[1].snapshots_wanted == ids({3}));
  c.tick(3);
  CHECK(c[1].snapshots_wanted.size() == 1);
  CHECK(c[1]->status().progress.at(2).state == progress_state::snapshot);
  CHECK(c[3].durable.last() == log_index{1});

  SECTION("a failure is tried again after the next sign of life") {
    c[1].sends_snapshots = true;
    c[1]->snapshot_finished(node_id{3}, false);
    CHECK(c[1]->status().progress.at(2).state == progress_state::probe);
    c.settle();
    CHECK(c[1].snapshots_wanted.size() == 1);
    c.tick(1);
    CHECK(c[1].snapshots_wanted.size() == 2);
    CHECK(c[3]->commit() == log_index{6});
  }
  SECTION("success makes the leader probe behind it") {
    c[1]->snapshot_ready(node_id{3}, snapshot_at(6, 1));
    CHECK(c[1]->status().progress.at(2).pending_snapshot == log_index{6});
    c[1]->snapshot_finished(node_id{3}, true);
    CHECK(c[1]->status().progress.at(2).next == log_index{7});
    c.tick(1);
    CHECK(c[3]->commit() == log_index{6});
  }
}

TEST_CASE("7: entries that left memory are read from disk for a follower that lags") {
  cluster c(3, [](core_options& o) {
    o.cached_bytes_max = 1;
    o.append_bytes_max = 100;
  });
  c.elect(1);
  c.isolate(3);
  for (int n = 0; n < 20; ++n) {
    REQUIRE(!c.propose(1, "12345678"));
    c.settle();
  }
  c[1].answers_fetches = false;
  c.heal();
  c.tick(2);
  // One at a time, however often there would be reason to ask.
  REQUIRE(c[1].fetches.size() == 1);
  CHECK(c[1].fetches[0].to == node_id{3});
  CHECK(c[1].fetches[0].first == log_index{2});
  c.tick(2);
  CHECK(c[1].fetches.size() == 1);
  while (c[1].answer_one()) {
    c.settle();
  }
  CHECK(c[3].durable.last() == c[1].durable.last());
  CHECK(c[1].snapshots_wanted.empty());
}

TEST_CASE("7: what a follower has not acknowledged stays in memory until it is known to be away") {
  cluster c(3, [](core_options& o) { o.spare_bytes_max = 0; });
  c.elect(1);
  c.isolate(3);
  const bool is_known = GENERATE(false, true);
  if (is_known) {
    c[1]->unreachable(node_id{3});
  }
  for (int n = 0; n < 20; ++n) {
    REQUIRE(!c.propose(1, "12345678"));
    c.settle();
  }
  c[1].answers_fetches = false;
  c.heal();
  c.tick(4);
  CHECK(c[1].fetches.empty() == !is_known);
  while (c[1].answer_one()) {
    c.settle();
  }
  c.tick(4);
  CHECK(c[3].durable.last() == c[1].durable.last());
}

TEST_CASE("7: an answer from disk that is no longer relevant is not sent") {
  auto h = leader_with(disk_with({1, 2, 3}, {1, 1, 1}, 1));
  h.answers_fetches = false;
  append_response refused;
  refused.rejected_index = log_index{3};
  refused.hint_term = term{1};
  h.receive(2, 2, refused);
  h.receive(2, 2, accepted_to(0));
  REQUIRE(h.fetches.size() == 1);
  h->unreachable(node_id{2});
  h.receive(2, 2, accepted_to(2));
  h.outbox.clear();
  h.answer_one();
  h.run();
  for (const auto& r : h.take_sent<append_request>()) {
    CHECK(r.previous_index >= log_index{2});
  }
}

TEST_CASE("7: a member that restarts reads what it has to apply from disk, one read at a time") {
  auto h = leader_with(disk_with({1}, {1, 1, 1, 1, 1, 1}, 1), [](auto& o) {
    o.apply_bytes_max = 80;
    o.unapplied_bytes_max = 160;
  });
  h.run();
  REQUIRE(h.committed.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(h.committed[i]->index == log_index{i + 1});
  }
}

TEST_CASE("7: a snapshot overtakes a read from disk that is on its way to the processor") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1}, 1));
  h.answers_fetches = false;
  h.receive(2, 1, append_of(2, 1, 2));
  REQUIRE(h.fetches.size() == 1);
  const auto late = h.fetches[0];
  h.receive(2, 1, snapshot_at(9, 1));
  h->fetched(late, {make_entry(1, 1), make_entry(2, 1)});
  h.receive(2, 1, append_of(9, 1, 10, {make_entry(10, 1)}));
  REQUIRE(h.committed.size() == 1);
  CHECK(h.committed[0]->index == log_index{10});
}
