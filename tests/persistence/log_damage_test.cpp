// Damage to what was synced: the store refuses to open, or the load or read fails and says where.
// What it never does is give back something else than was written.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/big_endian.hpp"
#include "codec/checksum.hpp"
#include "persistence/log_frames.hpp"
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

/// Oldest first.
std::vector<std::string> segments_of(const std::string& directory) {
  std::vector<std::string> found;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() == ".segment") found.push_back(file.path().filename().string());
  }
  std::sort(found.begin(), found.end());
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

/// A log that was written and closed, as often as wanted.
class kept_log {
 public:
  explicit kept_log(log_fixture& log) : log_(log), kept_(log.path() + ".kept") {
    log.close();
    std::filesystem::copy(log.path(), kept_, std::filesystem::copy_options::recursive);
  }
  void restore() {
    log_.close();
    std::filesystem::remove_all(log_.path());
    std::filesystem::copy(kept_, log_.path(), std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::vector<std::string> segments() const { return segments_of(kept_); }
  [[nodiscard]] std::string content(const std::string& name) const {
    return content_of(kept_ + "/" + name);
  }
  void write(const std::string& name, const std::string& content) {
    write_content(log_.path() + "/" + name, content);
  }

  /// What comes of the log with this byte damaged.
  status damaged(const std::string& name, std::size_t at, char mask) {
    restore();
    auto bytes = content(name);
    bytes[at] = static_cast<char>(bytes[at] ^ mask);
    write(name, bytes);
    status why;
    INFO(name << ", byte " << at);
    const bool all = all_there(log_, why);
    CHECK(all == why.ok());
    log_.close();
    return why;
  }

 private:
  log_fixture& log_;
  std::string kept_;
};

void check_every_byte(kept_log& kept, char mask) {
  for (const auto& name : kept.segments()) {
    for (std::size_t at = 0; at < kept.content(name).size(); ++at) {
      const auto why = kept.damaged(name, at, mask);
      INFO(name << ", byte " << at << ": " << why.message());
      CHECK(why.code() == status_code::corrupt);
      CHECK(!why.message().empty());
    }
  }
}

TEST_CASE("log damage: every flipped byte of a segment is refused") {
  fault_env env;
  log_fixture log(&env);
  fill(log);
  kept_log kept(log);
  CHECK(kept.segments().size() == 1);
  check_every_byte(kept, '\x10');
}

TEST_CASE("log damage: every flipped byte of any of several segments is refused") {
  fault_env env;
  log_fixture log(&env, 250);
  fill(log);
  kept_log kept(log);
  CHECK(kept.segments().size() > 3);
  check_every_byte(kept, '\x01');
}

TEST_CASE("log damage: a flipped byte that another batch follows is refused without the number") {
  fault_env env;
  log_fixture log(&env);
  log.load(three);
  log.close();
  const auto acknowledged = content_of(log.path() + "/ACKNOWLEDGED");
  log.reopen();
  fill(log);
  log.close();
  // As after a loss of power: the number is an old one.
  write_content(log.path() + "/ACKNOWLEDGED", acknowledged);
  kept_log kept(log);
  const auto name = kept.segments().front();
  const auto whole = kept.content(name);
  const auto last = find_frame(whole, 0, written.size() - 1);
  REQUIRE(last);
  for (std::size_t at = 0; at < last->body_at - frame_header_bytes; ++at) {
    CHECK(kept.damaged(name, at, '\x04').code() == status_code::corrupt);
  }
}

TEST_CASE("log damage: a synced record whose length is damaged is not taken for a torn one") {
  log_fixture log;
  fill(log);
  kept_log kept(log);
  const auto name = kept.segments().front();
  const auto text = kept.content(name);
  for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
    kept.write(name, text.substr(0, bytes));
    const auto refused = log.try_open();
    CHECK(refused.code() == status_code::corrupt);
    INFO(refused.message());
    CHECK(refused.message().find("was acknowledged") != std::string::npos);
  }
  kept.write(name, text);
  status why;
  CHECK(all_there(log, why));
}

TEST_CASE("log damage: a missing segment is refused, whichever it is") {
  log_fixture log(nullptr, 250);
  fill(log);
  kept_log kept(log);
  const auto names = kept.segments();
  REQUIRE(names.size() > 3);
  for (const auto& name : names) {
    kept.restore();
    std::filesystem::remove(log.path() + "/" + name);
    INFO(name);
    CHECK(log.try_open().code() == status_code::corrupt);
  }
  for (const auto& name : names) std::filesystem::remove(log.path() + "/" + name);
  CHECK(log.try_open().code() == status_code::corrupt);
}

TEST_CASE(
    "log damage: an entry that rots while the store is open is refused by the read, and where") {
  log_fixture log;
  fill(log);
  const auto path = log.path() + "/" + segments_of(log.path()).front();
  auto text = content_of(path);
  const auto at = text.find(entry_of(3, 2)->data.view());
  REQUIRE(at != std::string::npos);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file << '#';
  file.close();
  CHECK(log.terms_read(1, 2) == std::vector<std::uint64_t>{1, 1});
  const auto found = log.store().read(log.group, log_index{2}, log_index{4}, 1U << 20U);
  REQUIRE_FALSE(found);
  CHECK(found.error().code() == status_code::corrupt);
  CHECK(found.error().message().find("group 7, entry 3 in " + path) != std::string::npos);
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

TEST_CASE("log damage: a log of another format is refused, and says which it is") {
  log_fixture log;
  fill(log);
  kept_log kept(log);
  const auto name = kept.segments().front();
  auto text = kept.content(name);
  text[11] = '3';
  std::string sum(8, '\0');
  codec::store_big_endian(codec::checksum64(std::string_view(text).substr(0, 32)), sum.data());
  text.replace(32, 8, sum);
  kept.write(name, text);
  auto refused = log.try_open();
  CHECK(refused.code() == status_code::mismatch);
  CHECK(refused.message().find("'troupe log 3'") != std::string::npos);
  kept.restore();
  kept.write("CURRENT", "MANIFEST-000005\n");  // a log in RocksDB has it
  refused = log.try_open();
  CHECK(refused.code() == status_code::mismatch);
  CHECK(refused.message().find("'troupe log 1'") != std::string::npos);
}

}  // namespace
}  // namespace troupe::persistence
