// Random lives of some logs on a disk that never fails: at any time, and after every restart, the
// store holds what the model does, and not much more of the disk than that needs.
#include <catch2/catch.hpp>
#include <filesystem>

#include "persistence/log_store.hpp"
#include "tests/persistence/fault_env.hpp"
#include "tests/persistence/log_life.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;

constexpr std::size_t groups = 5;
constexpr std::uint64_t segment_bytes = 16U << 10U;

std::uint64_t bytes_on_disk(const std::string& path) {
  std::uint64_t sum = 0;
  for (const auto& file : std::filesystem::directory_iterator(path)) sum += file.file_size();
  return sum;
}

/// A random part of a random group's log is what the model says it is.
void read_anywhere(log_store& store, const log_model& model, random_life& life) {
  const auto g = life.pick(0, groups - 1);
  const auto& entries = model[g].entries;
  const auto from = life.pick(1, model[g].last() + 1);
  const auto bytes_max = life.pick(0, 2000);
  const auto found =
      store.read(raft::group_id{g + 1}, log_index{from}, log_index{from + 5}, bytes_max);
  if (entries.count(from) == 0) {
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == status_code::absent);
    return;
  }
  REQUIRE(found);
  std::uint64_t bytes = 0;
  auto at = entries.find(from);
  for (const auto& e : *found) {
    auto wanted = *entry_of(at->first, at->second);
    wanted.checksum = e->checksum;
    CHECK(*e == wanted);
    bytes += e->size_bytes();
    ++at;
  }
  CHECK((found->size() == 1 || bytes <= bytes_max));
  const bool may_end = at == entries.end() || at->first > from + 5;
  CHECK((may_end || bytes + entry_of(at->first, at->second)->size_bytes() > bytes_max));
}

void live(std::uint64_t seed) {
  fault_env env;
  log_fixture log(&env, segment_bytes);
  random_life life(seed);
  log_model model(groups);
  read_back(log.store(), groups);
  for (int step = 0; step < 600; ++step) {
    INFO("seed " << seed << ", step " << step);
    const auto done = life.step(log.store(), model);
    INFO(done.message());
    REQUIRE(done.ok());
    read_anywhere(log.store(), model, life);
    if (life.pick(0, 49) != 0) continue;
    REQUIRE(read_back(log.store(), groups) == model);
    std::uint64_t held = 0;
    for (std::size_t g = 1; g <= groups; ++g) held += log.store().bytes(raft::group_id{g});
    log.reopen();
    REQUIRE(read_back(log.store(), groups) == model);
    std::uint64_t held_again = 0;
    for (std::size_t g = 1; g <= groups; ++g) held_again += log.store().bytes(raft::group_id{g});
    CHECK(held == held_again);
    INFO(bytes_on_disk(log.path()) << " bytes on disk for " << held);
    CHECK(bytes_on_disk(log.path()) < 8 * segment_bytes + 4 * held);
  }
}

TEST_CASE("log model: whatever is written, replaced and forgotten, the store holds the rest") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) live(seed);
}

}  // namespace
}  // namespace troupe::persistence
