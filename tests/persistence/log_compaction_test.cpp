// What a log that is cut gives back: bytes in the sum that budgets go by, and bytes on the disk.
#include <algorithm>
#include <filesystem>
#include <random>

#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;

constexpr std::uint64_t mib = 1U << 20U;
constexpr std::size_t entry_bytes = 64U << 10U;
constexpr std::uint64_t round_entries = 64;  // 4 MiB

/// Entries that no compression makes smaller.
void append_round(log_fixture& log, std::uint64_t first, std::mt19937_64& chance) {
  raft::write w;
  for (auto i = first; i < first + round_entries; ++i) {
    std::string data(entry_bytes, '\0');
    std::generate(data.begin(), data.end(), [&] { return static_cast<char>(chance()); });
    auto e = std::make_shared<raft::entry>(*entry_of(i, 1));
    e->data = raft::bytes(std::move(data));
    w.entries.push_back(std::move(e));
  }
  w.hard = raft::hard_state{raft::term{1}, {}};
  REQUIRE(log.append(w).ok());
}

std::uint64_t bytes_on_disk(const std::string& path) {
  std::uint64_t sum = 0;
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    std::error_code gone;
    const auto bytes = file.file_size(gone);
    sum += gone ? 0 : bytes;
  }
  return sum;
}

TEST_CASE("compaction: the bytes of a log follow its growth, its cuts and a restart") {
  std::mt19937_64 chance(1);
  log_fixture log;
  log.load(voters_of({1}));
  CHECK(log.store().bytes(log.group) == 0);
  CHECK(log.store().bytes(raft::group_id{99}) == 0);
  for (std::uint64_t round = 0; round < 4; ++round) {
    append_round(log, 1 + round * round_entries, chance);
    const auto bytes = log.store().bytes(log.group);
    INFO("round " << round);
    CHECK(bytes > (round + 1) * 4 * mib);
    CHECK(bytes < (round + 1) * 4 * mib + (round + 1) * round_entries * 40);
    log.reopen();
    CHECK(log.store().bytes(log.group) == bytes);
  }
  REQUIRE(log.store().compact(log.group, log_index{3 * round_entries}).ok());
  const auto bytes = log.store().bytes(log.group);
  CHECK(bytes > 4 * mib);
  CHECK(bytes < 4 * mib + round_entries * 40);
  log.reopen();
  CHECK(log.store().bytes(log.group) == bytes);
}

TEST_CASE("compaction: the disk does not keep what was forgotten") {
  std::mt19937_64 chance(2);
  log_fixture log;
  log.load(voters_of({1}));
  std::uint64_t most = 0;
  for (std::uint64_t round = 0; round < 25; ++round) {  // 100 MiB in all, 2 MiB held
    append_round(log, 1 + round * round_entries, chance);
    const auto last = (round + 1) * round_entries;
    REQUIRE(log.store().compact(log.group, log_index{last - round_entries / 2}).ok());
    most = std::max(most, bytes_on_disk(log.path()));
  }
  INFO("at most " << most / mib << " MiB");
  CHECK(most < 20 * mib);
  log.reopen();
  CHECK(log.terms_read(25 * round_entries, 25 * round_entries).size() == 1);
  INFO("in the end " << bytes_on_disk(log.path()) / mib << " MiB");
  CHECK(bytes_on_disk(log.path()) < 10 * mib);
}

}  // namespace
}  // namespace troupe::persistence
