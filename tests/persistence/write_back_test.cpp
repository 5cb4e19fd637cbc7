// What is committed and not yet in the database: visible at once, as of one moment, whether a round
// has written it or not, as a batch or as a table.
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "persistence/state_store.hpp"
#include "tests/persistence/log_fixture.hpp"
#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using model = std::map<std::string, std::string>;

constexpr raft::group_id group{7};

constexpr std::uint64_t tables = 1;
constexpr std::uint64_t batches = 1U << 20U;
/// Both, in turn.
constexpr std::uint64_t some_tables = 400;

struct held_state {
  scratch_directory directory;
  state_store_options options;
  std::unique_ptr<state_store> store;
  std::shared_ptr<group_state> state;

  explicit held_state(std::chrono::milliseconds pause = std::chrono::hours(1),
                      std::uint64_t table_bytes_min = state_store_options().write_table_bytes_min) {
    options.path = directory.path() + "/state";
    options.write_pause_max = pause;
    options.write_table_bytes_min = table_bytes_min;
    reopen();
  }
  void reopen() {
    state.reset();
    store.reset();
    auto opened = state_store::open(options);
    REQUIRE(opened);
    store = *std::move(opened);
    state = *store->open_group(group, voters_of({1}));
  }
  void commit(state_write& batch) {
    REQUIRE(batch.commit({next(state->applied()), raft::term{1}, {}}).ok());
  }
  void put(const std::string& key, const std::string& value) {
    auto batch = state->begin();
    batch->put(key, value);
    commit(*batch);
  }
};

/// Asserts nothing: Catch2 takes assertions from one thread only.
model keys_of(const state_view& view) {
  model all;
  view.scan("", "", [&](std::string_view key, std::string_view value) {
    all.emplace(key, value);
    return true;
  });
  return all;
}

model scanned(const state_view& view) {
  auto all = keys_of(view);
  REQUIRE(view.read_status().ok());
  return all;
}

TEST_CASE("write back: a commit is seen at once, and comes back after the store was closed") {
  held_state s;
  s.put("a", "1");
  s.put("b", "2");
  CHECK(s.state->view()->get("a") == "1");
  CHECK(scanned(*s.state->view()) == model{{"a", "1"}, {"b", "2"}});
  s.reopen();
  CHECK(s.state->applied() == log_index{2});
  CHECK(scanned(*s.state->view()) == model{{"a", "1"}, {"b", "2"}});
}

TEST_CASE("write back: a view stays as it was, held, written and gone from memory") {
  held_state s(std::chrono::hours(1), GENERATE(batches, tables));
  s.put("a", "old");
  REQUIRE(s.store->flush().ok());
  s.put("b", "held");
  const auto view = s.state->view();
  const model expected{{"a", "old"}, {"b", "held"}};
  s.put("a", "new");
  CHECK(scanned(*view) == expected);
  REQUIRE(s.store->flush().ok());
  CHECK(scanned(*view) == expected);
  CHECK(view->get("a") == "old");
  s.put("b", "newer");
  CHECK(scanned(*view) == expected);
  CHECK(scanned(*s.state->view()) == model{{"a", "new"}, {"b", "newer"}});
}

TEST_CASE("write back: an erasure covers what the database has") {
  held_state s(std::chrono::hours(1), GENERATE(batches, tables));
  s.put("a", "1");
  s.put("b", "1");
  REQUIRE(s.store->flush().ok());
  auto batch = s.state->begin();
  batch->erase("a");
  CHECK_FALSE(batch->get("a"));
  s.commit(*batch);
  CHECK_FALSE(s.state->view()->get("a"));
  CHECK(scanned(*s.state->view()) == model{{"b", "1"}});
  REQUIRE(s.store->flush().ok());
  CHECK(scanned(*s.state->view()) == model{{"b", "1"}});
}

TEST_CASE("write back: a batch reads through what is held, and writes on top of it") {
  held_state s(std::chrono::hours(1), GENERATE(batches, tables));
  s.put("n", "1");
  REQUIRE(s.store->flush().ok());
  s.put("n", "2");
  auto batch = s.state->begin();
  CHECK(batch->get("n") == "2");
  batch->put("n", "3");
  CHECK(batch->get("n") == "3");
  CHECK(s.state->view()->get("n") == "2");
  s.commit(*batch);
  CHECK(s.state->view()->get("n") == "3");
}

TEST_CASE("write back: long scans see every key once, over all that lies above each other") {
  held_state s(std::chrono::hours(1), GENERATE(batches, tables));
  model expected;
  for (int i = 0; i < 1000; ++i) {
    const auto key = "k" + std::to_string(100000 + i);
    s.put(key, std::to_string(i));
    expected[key] = std::to_string(i);
    if (i == 600) REQUIRE(s.store->flush().ok());
  }
  for (int i = 0; i < 1000; i += 3) {
    const auto key = "k" + std::to_string(100000 + i);
    auto batch = s.state->begin();
    batch->erase(key);
    s.commit(*batch);
    expected.erase(key);
  }
  CHECK(scanned(*s.state->view()) == expected);
  const auto batch = s.state->begin();
  CHECK(scanned(*batch) == expected);
}

TEST_CASE("write back: any order of commits, rounds, views and restarts agrees with a map") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U);
  const auto table_bytes_min = GENERATE(batches, some_tables, tables);
  INFO("seed " << seed << ", tables from " << table_bytes_min << " bytes on");
  std::mt19937_64 chance(seed);
  held_state s(std::chrono::milliseconds(chance() % 2 * 1000), table_bytes_min);
  model now;
  std::vector<std::pair<std::unique_ptr<state_view>, model>> views;
  for (int step = 0; step < 1500; ++step) {
    switch (chance() % 16) {
      case 0:
        REQUIRE(s.store->flush().ok());
        break;
      case 1:
        if (chance() % 10 == 0) {
          views.clear();
          s.reopen();
        }
        break;
      case 2:
        views.emplace_back(s.state->view(), now);
        if (views.size() > 5) views.erase(views.begin());
        break;
      case 3:
        for (const auto& [view, expected] : views) REQUIRE(scanned(*view) == expected);
        break;
      default: {
        auto batch = s.state->begin();
        for (auto writes = chance() % 4 + 1; writes > 0; --writes) {
          const auto key = "k" + std::to_string(chance() % 30);
          batch->set_savepoint();
          if (chance() % 3 == 0) {
            const auto at = now.find(key);
            const auto found = batch->get(key);
            REQUIRE(found.has_value() == (at != now.end()));
            if (found) REQUIRE(*found == at->second);
          }
          if (chance() % 5 == 0) {
            batch->put(key, "taken back");
            batch->rollback();
          } else if (chance() % 4 == 0) {
            batch->erase(key);
            now.erase(key);
          } else {
            batch->put(key, std::to_string(step));
            now[key] = std::to_string(step);
          }
        }
        REQUIRE(scanned(*batch) == now);
        s.commit(*batch);
      }
    }
  }
  CHECK(scanned(*s.state->view()) == now);
}

TEST_CASE("write back: readers on other threads see whole batches while rounds go on") {
  held_state s(std::chrono::milliseconds(0), GENERATE(batches, tables));
  s.put("x", "0");
  s.put("y", "0");
  std::atomic<bool> is_over = false;
  std::atomic<int> torn = 0;
  const auto read = [&] {
    while (!is_over) {
      const auto view = s.state->view();
      const auto x = view->get("x");
      const bool is_whole = view->get("y") == x && keys_of(*view) == model{{"x", *x}, {"y", *x}};
      if (!is_whole || !view->read_status().ok()) ++torn;
    }
  };
  std::thread one(read);
  std::thread other(read);
  for (int i = 1; i <= 2000; ++i) {
    auto batch = s.state->begin();
    batch->put("x", std::to_string(i));
    batch->put("y", std::to_string(i));
    if (i % 3 == 0) CHECK(batch->get("x") == std::to_string(i));
    s.commit(*batch);
    if (i % 200 == 0) CHECK(s.store->flush().ok());
  }
  is_over = true;
  one.join();
  other.join();
  CHECK(torn == 0);
}

}  // namespace
}  // namespace troupe::persistence
