// Damage to what was synced: the store refuses to open, or the load or read fails and says where. What
// it never does is give back something else than was written.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "persistence/log_store.hpp"
#include "tests/persistence/fault_env.hpp"
#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::hard_state;
using raft::log_index;
using raft::term;

const raft::configuration three = voters_of({1, 2, 3});
const std::vector<std::uint64_t> written{1, 1, 2, 2, 2, 3};
const hard_state promised{term{3}, raft::node_id{2}};

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_content(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// The newest file with this ending that holds anything.
std::string file_of(const std::string& directory, const std::string& ending) {
  std::string found;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    const auto path = file.path().string();
    if (path.ends_with(ending) && file.file_size() > 0 && path > found) {
      found = path;
    }
  }
  REQUIRE_FALSE(found.empty());
  return found;
}

void fill(log_fixture& log) {
  log.load(three);
  for (std::uint64_t i = 1; i <= written.size(); ++i) {
    log.append_entries(i, {written[i - 1]}, promised);
  }
}

/// Opens and reads everything: false when something refused, with the refusal in `why`.
bool all_there(log_fixture& log, status& why) {
  why = log.try_open();
  if (!why.ok()) {
    return false;
  }
  const auto state = log.store().load(log.group, {});
  if (!state) {
    why = state.error();
    return false;
  }
  const auto found = log.store().read(log.group, log_index{1}, log_index{99}, 1U << 30U);
  if (!found) {
    why = found.error();
    return false;
  }
  CHECK(state->hard == promised);
  CHECK(state->snapshot.peers == three);
  REQUIRE(found->size() == written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    CHECK((*found)[i]->term == term{written[i]});
    CHECK((*found)[i]->data == entry_of(i + 1, written[i])->data);
  }
  return true;
}

/// Damages one file at each `stride`th byte, in a copy of the directory each time.
int refusals(log_fixture& log, const std::string& ending, std::size_t stride, char mask) {
  log.close();
  const std::string kept = log.path() + ".kept";
  std::filesystem::copy(log.path(), kept, std::filesystem::copy_options::recursive);
  const auto name = std::filesystem::path(file_of(kept, ending)).filename().string();
  const auto whole = content_of(kept + "/" + name);
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += stride) {
    std::filesystem::remove_all(log.path());
    std::filesystem::copy(kept, log.path(), std::filesystem::copy_options::recursive);
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ mask);
    write_content(log.path() + "/" + name, damaged);
    status why;
    INFO(name << ", byte " << at);
    if (!all_there(log, why)) {
      ++refused;
      INFO(why.message());
      CHECK(why.code() == status_code::corrupt);
      CHECK(!why.message().empty());
    }
    log.close();
  }
  return refused;
}

TEST_CASE("log damage: no flipped byte of the write-ahead log gives back anything else") {
  fault_env env;
  log_fixture log(&env);
  fill(log);
  const int refused = refusals(log, ".log", 3, '\x10');
  CHECK(refused > 300);
}

TEST_CASE("log damage: no flipped byte of a table file gives back anything else") {
  fault_env env;
  log_fixture log(&env);
  fill(log);
  log.reopen();  // recovery writes the memtable out
  log.load({});
  CHECK(refusals(log, ".sst", 3, '\x01') > 100);
}

TEST_CASE("log damage: a synced record whose length is damaged is not taken for a torn one") {
  log_fixture log;
  fill(log);
  log.close();
  const auto wal = file_of(log.path(), ".log");
  auto text = content_of(wal);
  // Cut in the middle of the last record, as if it had never been finished: RocksDB would shrug.
  write_content(wal, text.substr(0, text.size() - 10));
  for (int again = 0; again < 2; ++again) {
    const auto refused = log.try_open();
    CHECK(refused.code() == status_code::corrupt);
    INFO(refused.message());
    CHECK(refused.message().find("was acknowledged") != std::string::npos);
  }
  write_content(wal, text);
  status why;
  CHECK(all_there(log, why));
}

TEST_CASE("log damage: a missing write-ahead log is refused") {
  log_fixture log;
  fill(log);
  log.close();
  std::filesystem::remove(file_of(log.path(), ".log"));
  const auto refused = log.try_open();
  CHECK(refused.code() == status_code::corrupt);
}

TEST_CASE("log damage: without the number of the last acknowledged batch the store is refused") {
  log_fixture log;
  fill(log);
  log.close();
  const std::string path = log.path() + "/ACKNOWLEDGED";
  const auto whole = content_of(path);
  auto damaged = whole;
  damaged[3] = static_cast<char>(damaged[3] ^ 1);
  write_content(path, damaged);
  log.reopen();  // one slot is enough
  log.close();
  damaged = whole;
  damaged[3] = damaged[4096 + 3] = 'x';
  write_content(path, damaged);
  CHECK(log.try_open().code() == status_code::corrupt);
  std::filesystem::remove(path);
  const auto refused = log.try_open();
  CHECK(refused.code() == status_code::corrupt);
  CHECK(refused.message().find("ACKNOWLEDGED") != std::string::npos);
}

TEST_CASE("log damage: a database that is gone but was acknowledged is not begun anew") {
  log_fixture log;
  fill(log);
  log.close();
  std::filesystem::remove(log.path() + "/CURRENT");
  CHECK(log.try_open().code() == status_code::corrupt);
}

}  // namespace
}  // namespace troupe::persistence
