// What the log store keeps, and what it refuses, when the disk fails or the power goes.
#include <catch2/catch.hpp>

#include "persistence/log_store.hpp"
#include "tests/persistence/fault_env.hpp"
#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::hard_state;
using raft::log_index;
using raft::node_id;
using raft::term;

const raft::configuration three = voters_of({1, 2, 3});

/// A store on a disk that forgets. The environment must outlive the store.
struct faulty_disk {
  fault_env env;
};
struct faulty_log : faulty_disk, log_fixture {
  faulty_log() : log_fixture(&env) {}

  void lose_power(torn_tail tail = {}) {
    env.freeze();
    close();
    env.drop_unsynced(tail);
    env.thaw();
  }
};

TEST_CASE("log faults: every acknowledged entry survives dropping unsynced data") {
  faulty_log log;
  log.load(three);
  std::vector<std::uint64_t> terms;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    log.append_entries(i, {i}, hard_state{term{i}, node_id{i}});
    terms.push_back(i);
    log.lose_power();
    log.reopen();
    const auto state = log.load({});
    CHECK(state.hard == hard_state{term{i}, node_id{i}});
    CHECK(state.snapshot.peers == three);
    CHECK(log.terms_read(1, 99) == terms);
  }
}

TEST_CASE("log faults: a store that lost power at its first opening opens again") {
  for (std::uint64_t operations = 0; operations < 60; ++operations) {
    const scratch_directory scratch;
    fault_env env;
    env.freeze_after(operations);
    auto opened = log_store::open({scratch.path() + "/log", 1U << 20U, &env});
    env.freeze();
    if (opened) {
      opened->reset();
    }
    env.drop_unsynced();
    env.thaw();
    const auto again = log_store::open({scratch.path() + "/log", 1U << 20U, &env});
    INFO("frozen after " << operations << ": " << (again ? "" : again.error().message()));
    REQUIRE(again);
    REQUIRE((*again)->load(raft::group_id{1}, three));
  }
}

/// Leaves an append of 20 entries written but neither synced nor acknowledged.
void leave_unacknowledged(faulty_log& log) {
  log.load(three);
  log.append_entries(1, {1, 1, 1}, hard_state{term{1}, node_id{2}});
  log.env.fail_next_sync(".segment");
  const auto failed = log.append(
      log_fixture::write_of(2, std::vector<std::uint64_t>(20, 2), hard_state{term{2}, {}}));
  REQUIRE(failed.code() == status_code::io_error);
}

TEST_CASE(
    "log faults: a torn unacknowledged tail is cut at any byte, and truncate and append "
    "happen together or not at all") {
  std::uint64_t tail = 1;
  for (std::uint64_t kept = 0; kept <= tail; kept += kept < 40 ? 1 : 37) {
    faulty_log log;
    leave_unacknowledged(log);
    tail = log.env.unsynced_log_bytes();
    REQUIRE(tail > 500);
    log.lose_power({kept, 0});
    log.reopen();
    const auto state = log.load({});
    CHECK(state.hard == hard_state{term{1}, node_id{2}});
    CHECK(log.terms_read(1, 99) == std::vector<std::uint64_t>{1, 1, 1});
    log.append_entries(4, {3}, hard_state{term{3}, {}});
    log.lose_power();
    log.reopen();
    CHECK(log.load({}).last == log_index{4});
  }
}

TEST_CASE("log faults: an unacknowledged tail that is whole is kept whole") {
  faulty_log log;
  leave_unacknowledged(log);
  log.lose_power({log.env.unsynced_log_bytes(), 0});
  log.reopen();
  CHECK(log.load({}).hard == hard_state{term{2}, {}});
  std::vector<std::uint64_t> terms(21, 2);
  terms.front() = 1;
  CHECK(log.terms_read(1, 99) == terms);
}

TEST_CASE("log faults: an unacknowledged tail whose first page was lost is cut") {
  for (const std::uint64_t zeroed : {1, 6, 7, 8, 100, 400}) {
    faulty_log log;
    leave_unacknowledged(log);
    log.lose_power({log.env.unsynced_log_bytes(), zeroed});
    log.reopen();
    log.load({});
    INFO("zeroed " << zeroed);
    CHECK(log.terms_read(1, 99) == std::vector<std::uint64_t>{1, 1, 1});
  }
}

TEST_CASE("log faults: a vote is there after a crash, or append did not return") {
  for (std::uint64_t operations = 0; operations < 12; ++operations) {
    faulty_log log;
    log.load(three);
    raft::write before;
    before.hard = hard_state{term{4}, node_id{1}};
    REQUIRE(log.append(before).ok());
    raft::write w;
    w.hard = hard_state{term{5}, node_id{3}};
    log.env.freeze_after(operations);
    const bool promised = log.append(w).ok();
    log.lose_power();
    log.reopen();
    const auto hard = log.load({}).hard;
    // Not promised is not the same as not done: the vote may be there all the same.
    CHECK((hard == *w.hard || (!promised && hard == *before.hard)));
  }
}

TEST_CASE("log faults: a failed sync poisons the store for every later write") {
  faulty_log log;
  leave_unacknowledged(log);
  raft::write w;
  w.hard = hard_state{term{9}, {}};
  for (int again = 0; again < 3; ++again) {
    const auto refused = log.append(w);
    CHECK(refused.code() == status_code::io_error);
    CHECK(refused.message().find(log.path()) != std::string::npos);
  }
  CHECK(log.store().compact(log.group, log_index{2}).code() == status_code::io_error);
  CHECK(log.store().load(raft::group_id{99}, three).error().code() == status_code::io_error);
  CHECK(log.append(raft::write{}).code() == status_code::io_error);
}

TEST_CASE("log faults: a full disk says no_space, loses nothing, and works again with room") {
  for (const std::uint64_t room : {0, 1, 100, 5000, 20000}) {
    faulty_log log;
    log.load(three);
    log.env.set_space_left(room);
    std::uint64_t acknowledged = 0;
    status last;
    for (std::uint64_t i = 1; i < 100 && last.ok(); ++i) {
      last = log.append(log_fixture::write_of(i, {1}, hard_state{term{1}, {}}, 300));
      acknowledged = last.ok() ? i : acknowledged;
    }
    CHECK(last.code() == status_code::no_space);
    CHECK(log.append(log_fixture::write_of(1, {1})).code() == status_code::no_space);
    log.lose_power();
    log.env.set_space_left(std::nullopt);
    log.reopen();
    const auto state = log.load({});
    CHECK(state.last == log_index{acknowledged});
    log.append_entries(acknowledged + 1, {1}, hard_state{term{1}, {}});
  }
}

TEST_CASE(
    "log faults: on a full disk a log is read as ever, and written as soon as there is room") {
  faulty_log log;
  log.load(three);
  log.append_entries(1, {1, 1}, hard_state{term{1}, {}});
  log.close();
  log.env.set_space_left(0);
  log.reopen();
  CHECK(log.load({}).last == log_index{2});
  CHECK(log.terms_read(1, 2) == std::vector<std::uint64_t>{1, 1});
  CHECK(log.append(log_fixture::write_of(3, {1})).code() == status_code::no_space);
  log.close();
  log.env.set_space_left(std::nullopt);
  log.reopen();
  log.append_entries(3, {1});
  CHECK(log.load({}).last == log_index{3});
}

TEST_CASE("log faults: a last write that may not be durable is written once more at the opening") {
  faulty_log log;
  leave_unacknowledged(log);
  log.close();
  log.env.set_space_left(0);
  CHECK(log.try_open().code() == status_code::no_space);
  log.env.set_space_left(std::nullopt);
  log.reopen();
  // What was only in the cache is gone; its copy is not.
  log.lose_power();
  log.reopen();
  CHECK(log.load({}).hard == hard_state{term{2}, {}});
  CHECK(log.load({}).last == log_index{21});
}

TEST_CASE(
    "log faults: no segment that is given back is missed, whichever come back after a crash") {
  for (std::uint64_t operations = 0; operations < 40; ++operations) {
    faulty_log log;
    log.load(three);
    for (std::uint64_t i = 1; i <= 12; ++i) {  // a segment each
      REQUIRE(log.append(log_fixture::write_of(i, {1}, hard_state{term{1}, {}}, 600'000)).ok());
    }
    log.env.freeze_after(operations);
    const bool done = log.store().compact(log.group, log_index{11}).ok();
    log.lose_power();
    log.reopen();
    const auto state = log.load({});
    CHECK((state.snapshot.index == log_index{11} || (!done && state.snapshot.index.is_none())));
    CHECK(log.terms_read(12, 12) == std::vector<std::uint64_t>{1});
  }
}

}  // namespace
}  // namespace troupe::persistence
