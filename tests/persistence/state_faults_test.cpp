// What the state store keeps when the power goes, the disk rots or the store cannot keep up.
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "persistence/state_store.hpp"
#include "tests/persistence/fault_env.hpp"
#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
constexpr raft::group_id group{7};
const auto voters = raft::make_configuration({raft::node_id{1}});

applied_change at(std::uint64_t index) {
  return {raft::log_index{index}, raft::term{1}, {}};
}

struct faulty_state {
  scratch_directory directory;
  fault_env env;
  std::unique_ptr<state_store> store;
  std::shared_ptr<group_state> state;
  std::uint64_t table_bytes_min;

  explicit faulty_state(std::uint64_t table_bytes = 1U << 20U) : table_bytes_min(table_bytes) {
    reopen();
  }

  void close() {
    state.reset();
    store.reset();
  }
  void reopen() {
    close();
    state_store_options options{directory.path() + "/state", 64U << 10U, 1U << 20U, &env};
    options.held_bytes_max = 256U << 10U;
    options.write_table_bytes_min = table_bytes_min;
    auto opened = state_store::open(options);
    INFO((opened ? std::string() : opened.error().message()));
    REQUIRE(opened);
    store = *std::move(opened);
    state = *store->open_group(group, voters);
  }
  void lose_power(torn_tail tail = {}) {
    env.freeze();
    close();
    env.drop_unsynced(tail);
    env.thaw();
  }
};

/// Entry i of a made-up log: a pure function of i, as apply must be.
void apply(state_write& batch, std::uint64_t i) {
  batch.put("sum", std::to_string(std::stoull(batch.get("sum").value_or("0")) + i));
  batch.put("key" + std::to_string(i % 7), std::string(i * 37 % 900, 'v') + std::to_string(i));
  if (i % 5 == 0) {
    batch.erase("key" + std::to_string(i / 5 % 7));
  }
}

/// As an FSM caller does it: a stalled batch is kept and committed later.
status commit_patiently(state_write& batch, log_index index) {
  auto done = batch.commit(at(index.value()));
  for (int wait = 0; wait < 200 && done.code() == status_code::stalled; ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    done = batch.commit(at(index.value()));
  }
  return done;
}

status apply_up_to(group_state& state, std::uint64_t last) {
  for (std::uint64_t i = state.applied().value() + 1; i <= last;) {
    auto batch = state.begin();
    const auto batch_end = std::min(last, i + i % 4);
    for (; i <= batch_end; ++i) {
      batch->set_savepoint();
      apply(*batch, i);
    }
    if (auto done = commit_patiently(*batch, log_index{batch_end}); !done.ok()) {
      return done;
    }
  }
  return {};
}

std::string everything(const state_view& view) {
  std::string all;
  view.scan("", "", [&](std::string_view key, std::string_view value) {
    all.append(key).append("=").append(value).append("\n");
    return true;
  });
  REQUIRE(view.read_status().ok());
  return all;
}

std::string expected_after(std::uint64_t applied) {
  faulty_state fresh;
  REQUIRE(apply_up_to(*fresh.state, applied).ok());
  return everything(*fresh.state->view());
}

TEST_CASE("state faults: data and applied index go together wherever the power is lost") {
  // Never a table, now and then one, nothing but tables.
  const auto table_bytes_min = GENERATE(1U << 20U, 2000U, 1U);
  std::mt19937_64 chance(1);
  const auto whole = expected_after(400);
  for (int round = 0; round < 40; ++round) {
    faulty_state s(table_bytes_min);
    s.env.freeze_after(chance() % 500);
    static_cast<void>(apply_up_to(*s.state, 400));
    const auto unsynced = s.env.unsynced_log_bytes();
    s.lose_power({unsynced == 0 ? 0 : chance() % unsynced, chance() % 3 == 0 ? 20U : 0U});
    s.reopen();
    const auto applied = s.state->applied().value();
    INFO("round " << round << ", applied " << applied);
    CHECK(everything(*s.state->view()) == expected_after(applied));
    REQUIRE(apply_up_to(*s.state, 400).ok());
    CHECK(everything(*s.state->view()) == whole);
  }
}

TEST_CASE("state faults: wherever a table loses power, nothing or all of it is there") {
  int olds = 0;
  int news = 0;
  bool was_cut = true;
  for (std::uint64_t operations = 0; was_cut; ++operations) {
    faulty_state s(1);
    REQUIRE(apply_up_to(*s.state, 20).ok());
    REQUIRE(s.store->flush().ok());
    REQUIRE(apply_up_to(*s.state, 21).ok());
    s.env.freeze_after(operations);
    const auto done = s.store->flush();
    was_cut = s.env.frozen();
    INFO("cut after " << operations << " operations: " << done.message());
    s.lose_power();
    s.reopen();
    const auto applied = s.state->applied().value();
    (applied == 21 ? news : olds) += 1;
    CHECK((applied == 21 || (!done.ok() && applied == 20)));
    CHECK(everything(*s.state->view()) == expected_after(applied));
    // What the crash left in the directory harms neither what is there nor what comes.
    REQUIRE(apply_up_to(*s.state, 30).ok());
    REQUIRE(s.store->flush().ok());
    s.lose_power();
    s.reopen();
    CHECK(s.state->applied() == log_index{30});
    CHECK(everything(*s.state->view()) == expected_after(30));
  }
  CHECK(olds > 0);
  CHECK(news > 0);
}

TEST_CASE("state faults: what was flushed survives dropping unsynced data") {
  faulty_state s(GENERATE(1U << 20U, 1U));
  REQUIRE(apply_up_to(*s.state, 50).ok());
  REQUIRE(s.store->flush().ok());
  REQUIRE(apply_up_to(*s.state, 60).ok());
  s.lose_power();
  s.reopen();
  CHECK(s.state->applied() == log_index{50});
  REQUIRE(apply_up_to(*s.state, 60).ok());
  CHECK(everything(*s.state->view()) == expected_after(60));
}

TEST_CASE("state faults: a stalled commit writes nothing, and the same batch succeeds later") {
  faulty_state s(GENERATE(1U << 20U, 1U));
  s.env.hold_tables(true);
  std::uint64_t index = 0;
  status last;
  std::unique_ptr<state_write> batch;
  while (last.ok() && index < 1000) {
    batch = s.state->begin();
    batch->put("k" + std::to_string(++index), std::string(8000, 'v'));
    // A stall while a round is under way passes; the one behind tables that wait does not.
    last = commit_patiently(*batch, log_index{index});
  }
  REQUIRE(last.code() == status_code::stalled);
  CHECK(s.state->applied() == log_index{index - 1});
  CHECK_FALSE(s.state->view()->get("k" + std::to_string(index)));
  CHECK(batch->commit(at(index)).code() == status_code::stalled);
  s.env.hold_tables(false);
  for (int wait = 0; wait < 1000 && !last.ok(); ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    last = batch->commit(at(index));
  }
  REQUIRE(last.ok());
  CHECK(s.state->view()->get("k" + std::to_string(index)));
  CHECK(s.state->applied() == log_index{index});
}

TEST_CASE("state faults: a write that the disk refuses is the last one, and reads go on") {
  faulty_state s(GENERATE(1U << 20U, 1U));
  REQUIRE(apply_up_to(*s.state, 10).ok());
  REQUIRE(s.store->flush().ok());
  s.env.set_space_left(0);
  REQUIRE(apply_up_to(*s.state, 11).ok());
  CHECK(s.store->flush().code() == status_code::no_space);
  CHECK(s.store->durable_applied(group) == log_index{10});
  CHECK(apply_up_to(*s.state, 12).code() == status_code::no_space);
  CHECK(s.state->applied() == log_index{11});
  CHECK(everything(*s.state->view()) == expected_after(11));
  s.lose_power();
  s.env.set_space_left(std::nullopt);
  s.reopen();
  REQUIRE(apply_up_to(*s.state, 20).ok());
}

TEST_CASE("state faults: a failed read shows as absent, is remembered, and bars the commit") {
  faulty_state s;
  auto fill = s.state->begin();
  for (int i = 100; i < 150; ++i) {
    fill->put("k" + std::to_string(i), std::string(900, 'v'));
  }
  REQUIRE(fill->commit(at(1)).ok());
  fill.reset();
  REQUIRE(s.store->flush().ok());
  s.close();
  for (const auto& file : std::filesystem::directory_iterator(s.directory.path() + "/state")) {
    if (file.path().extension() == ".sst" && file.file_size() > 20000) {
      std::fstream table(file.path(), std::ios::in | std::ios::out | std::ios::binary);
      table.seekp(20000);  // a data block: neither the first nor the last
      table.write("damaged", 7);
    }
  }
  s.reopen();
  const auto view = s.state->view();
  auto batch = s.state->begin();
  int absent = 0;
  for (int i = 100; i < 150; ++i) {
    const auto key = "k" + std::to_string(i);
    absent += view->get(key) ? 0 : 1;
    CHECK(view->get(key).has_value() == batch->get(key).has_value());
  }
  CHECK(absent > 0);
  CHECK(absent < 50);
  CHECK(view->read_status().code() == status_code::corrupt);
  CHECK(batch->read_status().code() == status_code::corrupt);
  CHECK(batch->commit(at(2)).code() == status_code::corrupt);
  CHECK(s.state->applied() == log_index{1});
  const auto scanned = s.state->view();
  scanned->scan("k", "", [](std::string_view, std::string_view) { return true; });
  CHECK(scanned->read_status().code() == status_code::corrupt);
}

}  // namespace
}  // namespace troupe::persistence
