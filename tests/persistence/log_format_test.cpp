// On disk: do not change. These bytes are in data directories out there; another form needs another
// format version and a way to read this one. docs/log-format.md explains them.
#include "persistence/log_format.hpp"

#include <rocksdb/db.h>

#include <catch2/catch.hpp>
#include <map>

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

using records = std::map<std::string, std::string>;

/// Every record of a database, in hexadecimal.
records dump(const std::string& path) {
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::OpenForReadOnly({}, path, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  records found;
  const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    found[hex(at->key().ToStringView())] = hex(at->value().ToStringView());
  }
  return found;
}

TEST_CASE("format: the log of one group, byte for byte (on disk: do not change)") {
  log_fixture log;
  log.load(voters_of({1, 2, 3}));
  raft::write w;
  w.hard = raft::hard_state{term{2}, raft::node_id{3}};
  w.entries = {entry_of(1, 2, 3)};
  REQUIRE(log.append(w).ok());
  log.append_configuration(2, 2, voters_of({1, 2}));
  log.close();
  const auto found = dump(log.path());
  const std::string group = "0000000000000007";
  CHECK(found ==
        records{
            {"000000000000000062", "00000000000000021584eba155f5e46e"},
            {"000000000000000076", "74726f757065206c6f672031"},
            {group + "630000000000000002", "95920102909090c224f668174e7d5fb2"},
            {group + "650000000000000001", "9601020102cf44ab1aa7bd0d3601c403626262"},
            {group + "650000000000000002", "9701020203cf8737421d1e95a98ec40095920102909090c2"},
            {group + "68", "0000000000000002000000000000000391225d3dc023fcb4"},
            {group + "6d", "000000000000000200000000000000020000000100000001d56f790d38d7cf67"},
            {group + "73", "000000000000000000000000000000009593010203909090c229638b1d72361593"},
            {group + "740000000000000001", "00000000000000024356521e7585faca"},
        });
}

TEST_CASE("format: keys sort by group, kind and index") {
  const raft::group_id group{0x0102030405060708};
  CHECK(hex(log_key(group, log_record::hard_state)) == "010203040506070868");
  CHECK(hex(log_key(group, log_record::entry, log_index{0x1122})) ==
        "0102030405060708650000000000001122");
  CHECK(log_key(group, log_record::entry, log_index{255}) <
        log_key(group, log_record::entry, log_index{256}));
  CHECK(log_key(group, log_record::entry, log_index{~0ULL}) <
        log_key_end(group, log_record::entry));
  CHECK(index_in(log_key(group, log_record::entry, log_index{77})) == log_index{77});
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

TEST_CASE("format: records of the wrong length are refused") {
  const std::string key = log_key(raft::group_id{1}, log_record::marker);
  for (std::size_t bytes = 0; bytes < 40; ++bytes) {
    const auto record = seal(key, std::string(bytes, '\0'));
    CHECK(decode_marker(key, record).has_value() == (bytes == 24));
    CHECK(decode_hard_state(key, record).has_value() == (bytes == 16));
    CHECK(decode_batch_number(key, record).has_value() == (bytes == 8));
    CHECK_FALSE(decode_peers(key, record));
    CHECK_FALSE(decode_snapshot_point(key, record));
  }
}

}  // namespace
}  // namespace troupe::persistence
