// What the log store promises while nothing fails. What it keeps when something does is in
// log_faults_test.cpp.
#include "persistence/log_store.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using raft::term;

const raft::configuration three = voters_of({1, 2, 3});

TEST_CASE("log: a group never seen gets the initial configuration, durable with its first write") {
  log_fixture log;
  const auto first = log.load(three);
  CHECK(first.snapshot.peers == three);
  CHECK(first.snapshot.index == log_index{0});
  CHECK(first.last == log_index{0});
  CHECK(log.load(three).snapshot.peers == three);
  log.append_entries(1, {1}, raft::hard_state{term{1}, raft::node_id{2}});
  log.reopen();
  const auto again = log.load(voters_of({9}));
  CHECK(again.snapshot.peers == three);
  CHECK(again.last == log_index{1});
}

TEST_CASE("log: a group that wrote nothing has promised nothing, and begins as it is told next") {
  log_fixture log;
  log.load(three);
  log.reopen();
  CHECK(log.load(voters_of({9})).snapshot.peers == voters_of({9}));
}

TEST_CASE("log: entries, hard state and term starts come back after a restart") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, {1, 1, 2, 2, 2, 5}, raft::hard_state{term{5}, raft::node_id{2}});
  log.reopen();
  const auto state = log.load(three);
  CHECK(state.hard == raft::hard_state{term{5}, raft::node_id{2}});
  CHECK(state.last == log_index{6});
  using starts = std::vector<std::pair<log_index, term>>;
  CHECK(state.terms ==
        starts{{log_index{1}, term{1}}, {log_index{3}, term{2}}, {log_index{6}, term{5}}});
  CHECK(log.terms_read(1, 6) == std::vector<std::uint64_t>{1, 1, 2, 2, 2, 5});
}

TEST_CASE("log: an append replaces everything at and above its first index") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, {1, 1, 1, 2, 2, 3}, raft::hard_state{term{3}, {}});
  log.append_configuration(7, 3, three);
  log.append_entries(3, {4, 4}, raft::hard_state{term{4}, {}});
  log.reopen();
  const auto state = log.load(three);
  CHECK(state.last == log_index{4});
  CHECK(state.configurations.empty());
  CHECK(state.terms.size() == 2);
  CHECK(log.terms_read(1, 9) == std::vector<std::uint64_t>{1, 1, 4, 4});
  CHECK(log.store().read(log.group, log_index{5}, log_index{5}, 100).error().code() ==
        status_code::absent);
}

TEST_CASE("log: a truncation of a long tail leaves nothing behind") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, std::vector<std::uint64_t>(1000, 1), raft::hard_state{term{1}, {}});
  log.append_entries(2, {2}, raft::hard_state{term{2}, {}});
  log.append_entries(3, {2, 2, 2});
  log.reopen();
  CHECK(log.load(three).last == log_index{5});
  CHECK(log.terms_read(1, 1000) == std::vector<std::uint64_t>{1, 2, 2, 2, 2});
}

TEST_CASE("log: configuration entries are known after a restart without reading the log") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, {1}, raft::hard_state{term{1}, {}});
  const auto two = voters_of({1, 2});
  log.append_configuration(2, 1, two);
  log.reopen();
  const auto state = log.load(three);
  REQUIRE(state.configurations.size() == 1);
  CHECK(state.configurations[0].first == log_index{2});
  CHECK(state.configurations[0].second == two);
}

TEST_CASE("log: compaction forgets the head and keeps the term of what follows") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, {1, 1, 2, 2, 2, 3}, raft::hard_state{term{3}, {}});
  log.append_configuration(7, 3, three);
  REQUIRE(log.store().compact(log.group, log_index{4}).ok());
  CHECK(log.store().read(log.group, log_index{4}, log_index{6}, 1000).error().code() ==
        status_code::absent);
  for (int round = 0; round < 2; ++round) {
    const auto state = log.load({});
    CHECK(state.snapshot == raft::snapshot_point{log_index{4}, term{2}, three});
    CHECK(state.last == log_index{7});
    REQUIRE(state.terms.size() == 2);
    CHECK(state.terms[0] == std::pair(log_index{5}, term{2}));
    CHECK(state.configurations.size() == 1);
    CHECK(log.terms_read(5, 7) == std::vector<std::uint64_t>{2, 3, 3});
    log.reopen();
  }
}

TEST_CASE("log: compaction of the whole log leaves an empty log behind the point") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, std::vector<std::uint64_t>(600, 1), raft::hard_state{term{1}, {}});
  REQUIRE(log.store().compact(log.group, log_index{600}).ok());
  log.reopen();
  const auto state = log.load({});
  CHECK(state.last == log_index{600});
  CHECK(state.terms.empty());
  log.append_entries(601, {1, 2}, raft::hard_state{term{2}, {}});
  log.reopen();
  CHECK(log.load({}).last == log_index{602});
}

TEST_CASE("log: compaction beyond the log is refused") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, {1, 2}, raft::hard_state{term{2}, {}});
  CHECK(log.store().compact(log.group, log_index{3}).code() == status_code::corrupt);
  CHECK(log.terms_read(1, 2) == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("log: an installed snapshot replaces the whole log, whatever its terms were") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, {1, 1, 1, 1, 1, 1}, raft::hard_state{term{1}, {}});
  raft::write w;
  w.hard = raft::hard_state{term{4}, {}};
  w.snapshot = raft::install_snapshot{{log_index{4}, term{3}, three}, {}};
  w.entries = {entry_of(5, 4)};
  REQUIRE(log.append(w).ok());
  log.reopen();
  const auto state = log.load({});
  CHECK(state.snapshot.index == log_index{4});
  CHECK(state.snapshot.term == term{3});
  CHECK(state.last == log_index{5});
  CHECK(log.terms_read(5, 9) == std::vector<std::uint64_t>{4});
}

TEST_CASE("log: one append writes for many groups, and groups do not see each other") {
  log_fixture log;
  std::vector<raft::write> writes(50);
  std::vector<group_write> batch;
  for (std::uint64_t g = 0; g < writes.size(); ++g) {
    writes[g].hard = raft::hard_state{term{g + 1}, {}};
    writes[g].entries = {entry_of(1, g + 1), entry_of(2, g + 1)};
    batch.push_back({raft::group_id{g + 1}, &writes[g]});
  }
  REQUIRE(log.store().append(batch).ok());
  log.reopen();
  for (std::uint64_t g = 1; g <= writes.size(); ++g) {
    const auto state = log.store().load(raft::group_id{g}, three);
    REQUIRE(state);
    CHECK(state->last == log_index{2});
    CHECK(state->terms.back().second == term{g});
  }
}

TEST_CASE("log: two writes of one group in one append take effect in order") {
  log_fixture log;
  raft::write first;
  first.hard = raft::hard_state{term{1}, {}};
  first.entries = {entry_of(1, 1), entry_of(2, 1), entry_of(3, 1)};
  raft::write second;
  second.hard = raft::hard_state{term{2}, {}};
  second.entries = {entry_of(2, 2)};
  const group_write batch[] = {{log.group, &first}, {log.group, &second}};
  REQUIRE(log.store().append(batch).ok());
  log.reopen();
  CHECK(log.load(three).hard.term == term{2});
  CHECK(log.terms_read(1, 9) == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("log: entries that leave a gap, or reach below the snapshot, are refused unwritten") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, {1, 1, 1}, raft::hard_state{term{1}, {}});
  REQUIRE(log.store().compact(log.group, log_index{2}).ok());
  raft::write w;
  w.entries = {entry_of(5, 1)};
  CHECK(log.append(w).code() == status_code::corrupt);
  w.entries = {entry_of(2, 1)};
  CHECK(log.append(w).code() == status_code::corrupt);
  w.entries = {entry_of(4, 1), entry_of(6, 1)};
  CHECK(log.append(w).code() == status_code::corrupt);
  log.append_entries(4, {1});
  CHECK(log.terms_read(3, 4) == std::vector<std::uint64_t>{1, 1});
}

TEST_CASE("log: a read stops after bytes_max but gives at least one entry") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, {1, 1, 1, 1}, raft::hard_state{term{1}, {}});
  const auto one = entry_of(1, 1)->size_bytes();
  CHECK(log.store().read(log.group, log_index{1}, log_index{4}, 1)->size() == 1);
  CHECK(log.store().read(log.group, log_index{1}, log_index{4}, 2 * one)->size() == 2);
  CHECK(log.store().read(log.group, log_index{2}, log_index{9}, 99 * one)->size() == 3);
}

TEST_CASE("log: reads beside truncations and compactions never call a true log damaged") {
  log_fixture log;
  log.load(three);
  log.append_entries(1, std::vector<std::uint64_t>(50, 1), raft::hard_state{term{1}, {}});
  std::atomic<bool> stop{false};
  std::atomic<int> damaged{0};
  std::thread reader([&] {
    while (!stop) {
      const auto found = log.store().read(log.group, log_index{1}, log_index{80}, 1U << 20U);
      if (!found && found.error().code() != status_code::absent) {
        ++damaged;
      }
    }
  });
  for (std::uint64_t round = 2; round < 60; ++round) {
    log.append_entries(round, std::vector<std::uint64_t>(20 + round % 17, round),
                       raft::hard_state{term{round}, {}});
    REQUIRE(log.store().compact(log.group, log_index{round - 1}).ok());
  }
  stop = true;
  reader.join();
  CHECK(damaged == 0);
}

TEST_CASE("log: a second open of the same directory is refused as locked") {
  log_fixture log;
  const auto second = log_store::open({log.path(), 1U << 20U, nullptr});
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == status_code::locked);
  CHECK(second.error().message().find(log.path()) != std::string::npos);
}

}  // namespace
}  // namespace troupe::persistence
