// A log whose files have their size before they are written: what a process leaves that was killed.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {
namespace {

namespace fs = std::filesystem;
using raft::log_index;

const raft::configuration three = voters_of({1, 2, 3});

/// The one segment of the store at `path`.
fs::path segment_of(const std::string& path) {
  for (const auto& file : fs::directory_iterator(path)) {
    if (file.path().extension() == ".segment") return file.path();
  }
  FAIL("there is no segment in " + path);
  return {};
}

/// A store as it is on disk at this moment, while its process still has it open.
struct left_behind {
  scratch_directory directory;
  std::string path = directory.path() + "/log";

  explicit left_behind(const log_fixture& of) { fs::copy(of.path(), path); }

  [[nodiscard]] log_index last_entry() const {
    auto opened = log_store::open({path, 1U << 20U, nullptr});
    INFO((opened ? std::string() : opened.error().message()));
    REQUIRE(opened);
    const auto state = (*opened)->load(raft::group_id{7}, three);
    INFO((state ? std::string() : state.error().message()));
    REQUIRE(state);
    const auto all = (*opened)->read(raft::group_id{7}, log_index{1}, state->last, 1ULL << 30U);
    REQUIRE(all);
    CHECK(all->back()->index == state->last);
    return state->last;
  }
};

void append_hundred(log_fixture& log) {
  log.load(three);
  for (std::uint64_t i = 1; i <= 100; ++i)
    log.append_entries(i, {1}, raft::hard_state{raft::term{1}, {}});
}

}  // namespace

TEST_CASE("log: what a killed process leaves ends in zeros, and comes back whole") {
  log_fixture log;
  append_hundred(log);
  const left_behind left(log);
  CHECK(fs::file_size(segment_of(left.path)) >= 4U << 20U);
  CHECK(left.last_entry() == log_index{100});
}

TEST_CASE("log: a write that was under way in a file with zeros behind it is cut") {
  log_fixture log;
  append_hundred(log);
  const left_behind left(log);
  const auto file = segment_of(left.path);
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(static_cast<std::streamoff>(bytes.find_last_not_of('\0') + 1));
  out << std::string(300, 'Z');
  out.close();
  CHECK(left.last_entry() == log_index{100});
}

TEST_CASE("log: a store that is closed leaves no zeros") {
  log_fixture log;
  append_hundred(log);
  log.close();
  CHECK(fs::file_size(segment_of(log.path())) < 1U << 20U);
}

}  // namespace troupe::persistence
