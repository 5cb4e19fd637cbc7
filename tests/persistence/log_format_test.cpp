// On disk: do not change. These bytes are in data directories out there; another form needs another
// format version and a way to read this one. docs/log-format.md explains them.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "persistence/log_records.hpp"
#include "persistence/sealed_record.hpp"
#include "persistence/state_keys.hpp"
#include "persistence/state_records.hpp"
#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using raft::term;

std::string hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
    out.push_back(digits[static_cast<unsigned char>(c) & 0xfU]);
  }
  return out;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string without_spaces(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

// docs/log-format.md tells what each number says.
const char* const segment_1 = R"(
    74726f757065206c6f672032 00000000 0000000000000001 0000000000000001 72ddced3c4f1d898
    fd991a458a960cd1 00000073 0000000000000001
      70 0000000000000007 0000000000000000 0000000000000000 00000009 9593010203909090c2
      68 0000000000000007 0000000000000002 0000000000000003
      65 0000000000000007 0000000000000001 0000000000000002 00000001
         00000013 9601020102cf44ab1aa7bd0d3601c403626262
    9b8e749bb93d61e4 00000039 0000000000000002
      65 0000000000000007 0000000000000002 0000000000000002 00000001
         80000018 9701020203cf8737421d1e95a98ec40095920102909090c2
    31b96bd1d918c10d 00000026 0000000000000003
      70 0000000000000007 0000000000000001 0000000000000002 00000009 9593010203909090c2
    8a00ba5b99f564a9 00000024 0000000000000004
      69 0000000000000007 0000000000000009 0000000000000002 00000007 959101909090c2
)";

TEST_CASE("format: a segment of the log, byte for byte (on disk: do not change)") {
  log_fixture log;
  log.load(voters_of({1, 2, 3}));
  raft::write w;
  w.hard = raft::hard_state{term{2}, raft::node_id{3}};
  w.entries = {entry_of(1, 2, 3)};
  REQUIRE(log.append(w).ok());
  log.append_configuration(2, 2, voters_of({1, 2}));
  REQUIRE(log.store().compact(log.group, log_index{1}).ok());
  raft::write snapshot;
  snapshot.snapshot = raft::install_snapshot{{log_index{9}, term{2}, voters_of({1})}, {}};
  REQUIRE(log.append(snapshot).ok());
  log.close();
  CHECK(hex(content_of(log.path() + "/0000000000000001.segment")) == without_spaces(segment_1));
}

TEST_CASE("format: the records that give back space (on disk: do not change)") {
  std::string body;
  append_begin(3, body);
  CHECK(hex(body) == "620000000000000003");
  body.clear();
  append_run(log_record::copies, raft::group_id{7}, log_index{1}, term{2}, 1, body);
  append_run_entry(*entry_of(1, 2, 3), body);
  CHECK(hex(body) == without_spaces("63 0000000000000007 0000000000000001 0000000000000002 00000001"
                                    "00000013 9601020102cf44ab1aa7bd0d3601c403626262"));
}

TEST_CASE("format: the number of the last acknowledged batch (on disk: do not change)") {
  log_fixture log;
  log.load(voters_of({1}));
  log.append_entries(1, {1}, raft::hard_state{term{1}, {}});
  log.close();
  const auto slots = content_of(log.path() + "/ACKNOWLEDGED");
  REQUIRE(slots.size() == 4096 + 16);
  CHECK(hex(slots.substr(0, 16)) == "00000000000000005b5139799292b887");
  CHECK(hex(slots.substr(4096)) == "0000000000000001368e0abf0d11376f");
}

TEST_CASE("format: the state store's keys (on disk: do not change)") {
  const raft::group_id group{0x0102030405060708};
  const state_generation generation{group, log_index{0x1122}};
  CHECK(hex(generation_key(group)) == "0102030405060708");
  CHECK(hex(generation_prefix(generation)) == "01020304050607080000000000001122");
  CHECK(hex(state_key(generation, state_space::configuration)) ==
        "0102030405060708000000000000112263");
  CHECK(hex(state_key(generation, state_space::data)) == "0102030405060708000000000000112264");
  CHECK(hex(state_key(generation, state_space::applied)) == "010203040506070800000000000011226d");
  CHECK(hex(state_key(generation, state_space::own)) == "010203040506070800000000000011226f");
  CHECK(hex(state_version_key()) == "000000000000000076");
  CHECK(hex(end_of_prefix(state_key({group, {}}, state_space::data) + "a\xff\xff")) ==
        "010203040506070800000000000000006462");
}

TEST_CASE("format: the state store's records (on disk: do not change)") {
  const std::string key = "key";
  const auto peers = voters_of({1, 2});
  CHECK(hex(encode_applied_point(key, {log_index{5}, term{2}})) ==
        "000000000000000500000000000000027cd7b3ba162bcae7");
  CHECK(hex(encode_applied_configuration(key, {log_index{3}, peers})) ==
        "000000000000000395920102909090c213a81326fca178b1");
  CHECK(hex(encode_generation(key, log_index{5})) == "0000000000000005869093c075d3878c");
  for (std::size_t bytes = 0; bytes < 24; ++bytes) {
    const auto record = seal(key, std::string(bytes, '\0'));
    CHECK(decode_applied_point(key, record).has_value() == (bytes == 16));
    CHECK(decode_generation(key, record).has_value() == (bytes == 8));
    CHECK_FALSE(decode_applied_configuration(key, record));
  }
  CHECK(decode_applied_configuration(key, encode_applied_configuration(key, {log_index{3}, peers}))
            ->peers == peers);
}

TEST_CASE("format: a sealed record is bound to its bytes and to its key") {
  const std::string record = seal("key", "body");
  CHECK(hex(record) == "626f6479ee67e14e97e9f404");
  CHECK(unseal("key", record) == "body");
  CHECK_FALSE(unseal("kez", record));
  CHECK_FALSE(unseal("ke", record));
  for (std::size_t i = 0; i < record.size(); ++i) {
    auto damaged = record;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    CHECK_FALSE(unseal("key", damaged));
    CHECK_FALSE(unseal("key", record.substr(0, i)));
  }
}

TEST_CASE("format: records of unknown kinds, of wrong lengths and cut ones are refused") {
  std::string whole;
  append_hard_state(raft::group_id{7}, {term{2}, {}}, whole);
  append_point(log_record::install, raft::group_id{7}, {log_index{9}, term{2}, voters_of({1})},
               whole);
  append_run(log_record::entries, raft::group_id{7}, log_index{10}, term{2}, 1, whole);
  append_run_entry(*entry_of(10, 2), whole);
  const auto records = [](std::string_view body) {
    log_record_reader reader(body);
    int count = 0;
    while (const auto record = reader.next()) {
      for (std::uint32_t i = 0; i < record->count && reader.next_entry(); ++i) ++count;
      ++count;
    }
    return reader.is_damaged() ? -1 : count;
  };
  CHECK(records(whole) == 4);
  for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) {
    const auto found = records(std::string_view(whole).substr(0, bytes));
    CHECK((found == -1 || found == 1 || found == 2));
  }
  for (const char kind : {'\0', 'a', 'd', 'z'}) {
    CHECK(records(std::string(1, kind) + whole.substr(1)) == -1);
  }
}

}  // namespace
}  // namespace troupe::persistence
