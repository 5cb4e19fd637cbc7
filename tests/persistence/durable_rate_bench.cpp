// What a synced append costs through the log store, and what the bare disk asks for the same bytes.
// Not part of a test run; docs/decisions/0002 and 0012 quote it:
//   TMPDIR=/some/disk persistence_tests "[bench]"
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <string>

#include "codec/raft_codec.hpp"
#include "persistence/log_store.hpp"
#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {
namespace {

using clock = std::chrono::steady_clock;
constexpr double seconds_each = 4;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

raft::write batch_of(std::uint64_t first, std::uint64_t count) {
  return log_fixture::write_of(first, std::vector<std::uint64_t>(count, 1),
                               raft::hard_state{raft::term{1}, {}}, 256);
}

double store_rate(std::uint64_t count) {
  log_fixture log(nullptr, 64U << 20U);
  log.load(voters_of({1, 2, 3}));
  std::uint64_t batches = 0;
  const auto start = clock::now();
  for (; seconds_since(start) < seconds_each; ++batches) {
    REQUIRE(log.append(batch_of(1 + batches * count, count)).ok());
  }
  return static_cast<double>(batches) / seconds_since(start);
}

double file_rate(std::uint64_t count, bool preallocated) {
  const scratch_directory scratch;
  const int file = ::open((scratch.path() + "/file").c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(file >= 0);
  if (preallocated) {  // written, not only allocated: then a sync has no metadata to write
    const std::string zeros(1U << 20U, '\0');
    for (int i = 0; i < 512; ++i) {
      REQUIRE(::write(file, zeros.data(), zeros.size()) == static_cast<ssize_t>(zeros.size()));
    }
    REQUIRE(::fsync(file) == 0);
    ::lseek(file, 0, SEEK_SET);
  }
  std::uint64_t batches = 0;
  const auto start = clock::now();
  for (; seconds_since(start) < seconds_each; ++batches) {
    std::string bytes;
    for (const auto& e : batch_of(1 + batches * count, count).entries) {
      bytes += codec::encode_entry(*e);
    }
    REQUIRE(::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    REQUIRE(::fdatasync(file) == 0);
  }
  const double rate = static_cast<double>(batches) / seconds_since(start);
  ::close(file);
  return rate;
}

TEST_CASE("bench: synced appends a second, entries of 256 bytes", "[.][bench]") {
  std::printf("batch | store: syncs/s entries/s | growing file: syncs/s | written file: syncs/s\n");
  for (const std::uint64_t count : {1, 16, 256}) {
    const double store = store_rate(count);
    const double growing = file_rate(count, false);
    const double prewritten = file_rate(count, true);
    std::printf("%5lu | %8.0f %10.0f | %8.0f | %8.0f\n", static_cast<unsigned long>(count), store,
                store * static_cast<double>(count), growing, prewritten);
  }
}

TEST_CASE("bench: opening and loading a log of a million entries", "[.][bench]") {
  log_fixture log(nullptr, 64U << 20U);
  log.load(voters_of({1, 2, 3}));
  constexpr std::uint64_t batch = 1000;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    REQUIRE(log.append(batch_of(1 + i * batch, batch)).ok());
  }
  for (int round = 0; round < 2; ++round) {
    log.close();
    auto start = clock::now();
    log.reopen();
    const double opening = seconds_since(start);
    start = clock::now();
    CHECK(log.load({}).last == raft::log_index{1000 * batch});
    const double loading = seconds_since(start);
    start = clock::now();
    const auto found =
        log.store().read(log.group, raft::log_index{1}, raft::log_index{1000 * batch}, 1ULL << 40U);
    REQUIRE(found);
    std::printf("open %.3f s, load %.6f s, read all %.3f s\n", opening, loading,
                seconds_since(start));
  }
  const auto start = clock::now();
  REQUIRE(log.store().compact(log.group, raft::log_index{999000}).ok());
  std::printf("compact 999000 entries %.6f s, ", seconds_since(start));
  const auto again = clock::now();
  CHECK(log.load({}).last == raft::log_index{1000 * batch});
  std::printf("load after it %.6f s\n", seconds_since(again));
}

}  // namespace
}  // namespace troupe::persistence
