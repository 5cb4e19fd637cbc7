// How old segments are given back: what little they still hold is copied forward, in slices, and
// nothing that reads meanwhile notices.
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "tests/persistence/fault_env.hpp"
#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using raft::term;

constexpr std::uint64_t segment_bytes = 64U << 10U;
constexpr raft::group_id quiet{1};
constexpr raft::group_id busy{2};
const raft::configuration three = voters_of({1, 2, 3});

/// A disk whose syncs cost nothing. It must outlive the store.
struct fast_disk {
  fault_env env;
};
struct two_groups : fast_disk, log_fixture {
  std::uint64_t written = 0;

  two_groups() : log_fixture(&env, segment_bytes) {
    REQUIRE(store().load(quiet, three));
    REQUIRE(store().load(busy, three));
  }

  status append_to(raft::group_id group, const raft::write& w) {
    const group_write one{group, &w};
    return store().append({&one, 1});
  }

  /// Entries of the busy group, each forgotten by the one after the next.
  void write_through(std::uint64_t count) {
    for (const auto end = written + count; written < end;) {
      ++written;
      REQUIRE(append_to(busy, write_of(written, {1}, raft::hard_state{term{1}, {}}, 2000)).ok());
      if (written > 1) REQUIRE(store().compact(busy, log_index{written - 1}).ok());
    }
  }

  [[nodiscard]] std::size_t segments() const {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(path())) {
      count += file.path().extension() == ".segment" ? 1 : 0;
    }
    return count;
  }
};

std::vector<std::uint64_t> all_terms(log_store& store, raft::group_id group, std::uint64_t last) {
  const auto found = store.read(group, log_index{1}, log_index{last}, 1ULL << 30U);
  INFO((found ? std::string() : found.error().message()));
  REQUIRE(found);
  std::vector<std::uint64_t> terms;
  for (const auto& e : *found) {
    CHECK(e->data == entry_of(e->index.value(), e->term.value(), e->data.size())->data);
    terms.push_back(e->term.value());
  }
  return terms;
}

TEST_CASE("reclaiming: a group that writes no more does not hold the disk, and keeps its log") {
  two_groups log;
  const std::vector<std::uint64_t> terms{1, 1, 2, 3, 3, 3};
  const raft::hard_state hard{term{4}, raft::node_id{2}};
  REQUIRE(log.append_to(quiet, log_fixture::write_of(1, terms, hard, 3000)).ok());
  for (int round = 0; round < 10; ++round) {
    log.write_through(200);
    CHECK(log.segments() < 10);
    CHECK(all_terms(log.store(), quiet, 6) == terms);
    if (round % 3 == 2) log.reopen();
    const auto state = log.store().load(quiet, {});
    REQUIRE(state);
    CHECK(state->hard == hard);
    CHECK(state->snapshot.peers == three);
    CHECK(state->last == log_index{6});
  }
}

TEST_CASE("reclaiming: a quiet log that was copied can be cut, replaced and written again") {
  two_groups log;
  const raft::hard_state hard{term{1}, {}};
  REQUIRE(log.append_to(quiet, log_fixture::write_of(1, {1, 1, 1, 1, 1, 1}, hard, 500)).ok());
  log.write_through(400);
  REQUIRE(
      log.append_to(quiet, log_fixture::write_of(4, {2, 2}, raft::hard_state{term{2}, {}})).ok());
  log.write_through(400);
  log.reopen();
  CHECK(all_terms(log.store(), quiet, 9) == std::vector<std::uint64_t>{1, 1, 1, 2, 2});
  REQUIRE(log.store().compact(quiet, log_index{2}).ok());
  log.write_through(400);
  REQUIRE(log.append_to(quiet, log_fixture::write_of(6, {2}, std::nullopt)).ok());
  log.reopen();
  const auto state = log.store().load(quiet, {});
  REQUIRE(state);
  CHECK(state->snapshot.index == log_index{2});
  CHECK(state->last == log_index{6});
  CHECK(log.store().read(quiet, log_index{3}, log_index{6}, 1U << 20U)->size() == 4);
}

TEST_CASE("reclaiming: a log that is mostly alive is not copied again and again") {
  two_groups log;
  std::uint64_t written = 0;
  for (std::uint64_t i = 1; i <= 600; ++i) {
    const auto before = log.store().bytes(quiet);
    REQUIRE(log.append_to(quiet, log_fixture::write_of(i, {1}, raft::hard_state{term{1}, {}}, 1500))
                .ok());
    written += log.store().bytes(quiet) - before;
  }
  std::uint64_t on_disk = 0;
  for (const auto& file : std::filesystem::directory_iterator(log.path())) {
    on_disk += file.path().extension() == ".segment" ? file.file_size() : 0;
  }
  CHECK(on_disk > written);
  CHECK(on_disk < written + written / 8);
  CHECK(std::filesystem::exists(log.path() + "/0000000000000001.segment"));
}

TEST_CASE("reclaiming: a frame larger than a segment has one of its own") {
  two_groups log;
  for (std::uint64_t i = 1; i <= 8; ++i) {
    REQUIRE(log.append_to(quiet, log_fixture::write_of(i, {1}, raft::hard_state{term{1}, {}},
                                                       3 * segment_bytes))
                .ok());
  }
  log.reopen();
  CHECK(all_terms(log.store(), quiet, 8).size() == 8);
  REQUIRE(log.store().compact(quiet, log_index{7}).ok());
  CHECK(log.segments() <= 3);
  CHECK(log.store().read(quiet, log_index{8}, log_index{8}, 1)->size() == 1);
}

TEST_CASE("reclaiming: a thousand groups that wrote once are carried along, none is lost") {
  two_groups log;
  for (std::uint64_t g = 100; g < 1100; ++g) {
    REQUIRE(log.store().load(raft::group_id{g}, three));
    REQUIRE(log.append_to(raft::group_id{g},
                          log_fixture::write_of(1, {1}, raft::hard_state{term{g}, {}}, 30))
                .ok());
  }
  log.write_through(1000);
  CHECK(log.segments() < 14);
  log.reopen();
  for (std::uint64_t g = 100; g < 1100; ++g) {
    const auto state = log.store().load(raft::group_id{g}, {});
    REQUIRE(state);
    CHECK(state->hard.term == term{g});
    CHECK(state->snapshot.peers == three);
    CHECK(all_terms(log.store(), raft::group_id{g}, 1).size() == 1);
  }
}

TEST_CASE("reclaiming: reads beside it find every entry whole") {
  two_groups log;
  REQUIRE(log.append_to(quiet, log_fixture::write_of(1, std::vector<std::uint64_t>(100, 1),
                                                     raft::hard_state{term{1}, {}}, 200))
              .ok());
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::thread reader([&] {
    while (!stop) {
      const auto found = log.store().read(quiet, log_index{1}, log_index{100}, 1U << 20U);
      if (!found || found->size() != 100) ++wrong;
    }
  });
  log.write_through(600);
  stop = true;
  reader.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace troupe::persistence
