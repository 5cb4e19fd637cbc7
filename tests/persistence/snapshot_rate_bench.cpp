// How fast a state goes out and in, and what a session costs a command. Not part of a test run:
//   TMPDIR=/some/disk persistence_tests "[bench]"
#include <algorithm>
#include <chrono>
#include <iostream>
#include <random>

#include "persistence/sessions.hpp"
#include "tests/persistence/snapshot_fixture.hpp"

namespace troupe::persistence {
namespace {

using clock = std::chrono::steady_clock;
using raft::log_index;
using raft::term;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

std::unique_ptr<state_store> open_large(const std::string& path) {
  return *state_store::open({path, 64U << 20U, 64U << 20U, nullptr});
}

void commit(state_write& batch, std::uint64_t index) {
  const applied_change at{log_index{index}, term{1}, {}};
  while (batch.commit(at).code() == status_code::stalled) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_CASE("bench: a state of 256 MiB is exported, verified and installed", "[.][bench]") {
  constexpr int batches = 256;
  scratch_directory directory;
  const raft::group_id group{7};
  auto from = open_large(directory.path() + "/from");
  const auto state = *from->open_group(group, voters_of({1}));
  std::mt19937_64 chance(1);
  for (int b = 1; b <= batches; ++b) {
    auto batch = state->begin();
    for (int i = 0; i < 1024; ++i) {
      std::string value(1000, '\0');
      std::generate(value.begin(), value.end(), [&] { return static_cast<char>(chance()); });
      batch->put("key" + std::to_string(chance()), value);
    }
    commit(*batch, static_cast<std::uint64_t>(b));
  }
  auto start = clock::now();
  const auto manifest = from->export_snapshot(group, directory.path() + "/snapshot");
  REQUIRE(manifest);
  std::uint64_t bytes = 0;
  for (const auto& file : manifest->files) {
    bytes += file.bytes;
  }
  const auto mib = static_cast<double>(bytes) / (1U << 20U);
  std::cout << "exported " << mib << " MiB in " << manifest->files.size() << " tables, "
            << mib / seconds_since(start) << " MiB/s\n";
  auto to = open_large(directory.path() + "/to");
  REQUIRE(to->open_group(group, voters_of({1})));
  start = clock::now();
  REQUIRE(snapshot_reader::open(directory.path() + "/snapshot")->verify().ok());
  std::cout << "verified at " << mib / seconds_since(start) << " MiB/s\n";
  start = clock::now();
  REQUIRE(to->install_snapshot(group, directory.path() + "/snapshot").ok());
  std::cout << "installed, verified once more, in " << seconds_since(start) << " s\n";
  CHECK(to->content_of(group)->hash == from->content_of(group)->hash);
}

TEST_CASE("bench: commands with a session and without", "[.][bench]") {
  constexpr std::uint64_t commands = 200'000;
  constexpr std::uint64_t clients = 100;
  for (const bool in_session : {false, true}) {
    scratch_directory directory;
    auto store = open_large(directory.path() + "/state");
    const auto state = *store->open_group(raft::group_id{7}, voters_of({1}));
    auto batch = state->begin();
    for (std::uint64_t i = 1; i <= clients; ++i) {
      sessions(batch->own()).open({0, 0, 0, 1, 60'000}, log_index{i}, term{1});
    }
    commit(*batch, clients);
    std::vector<std::uint64_t> slices;
    auto start = clock::now();
    for (std::uint64_t i = 0; i < commands; ++i) {
      const auto sequence = 1 + i / clients;
      sessions known(batch->own());
      const codec::session_header h{1 + i % clients, sequence, sequence, 1 + i / 100, 0};
      if (in_session) {
        static_cast<void>(known.begin(h));
      }
      batch->set_savepoint();
      batch->put("key" + std::to_string(i % 5000), "a value of some twenty bytes");
      if (in_session) {
        known.remember(h, {session_answer::outcome::applied, "ok", log_index{i}, term{1}});
      }
      if (i % 500 == 499) {
        commit(*batch, clients + i + 1);
        batch = state->begin();
      }
      if (i % 50'000 == 49'999) {
        slices.push_back(static_cast<std::uint64_t>(50'000 / seconds_since(start)));
        start = clock::now();
      }
    }
    std::cout << (in_session ? "in sessions" : "plain") << ", commands/s:";
    for (const auto rate : slices) {
      std::cout << " " << rate;
    }
    std::cout << "\n";
  }
}

}  // namespace
}  // namespace troupe::persistence
