// What RocksDB's recovery modes make of a damaged write-ahead log: the table in docs/log-format.md,
// row by row. Another RocksDB that answers differently fails here first.
#include <rocksdb/db.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {
namespace {

using mode = rocksdb::WALRecoveryMode;
constexpr int refused = -1;
constexpr int written = 5;

/// A log of five synced records of 1000 bytes each, put through `damage`, and how many records an
/// opening in this mode finds; `refused` when it fails.
int found_after(const std::function<void(std::string&)>& damage, mode recovery) {
  const scratch_directory scratch;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::Open(options, scratch.path(), &raw).ok());
  rocksdb::WriteOptions synced;
  synced.sync = true;
  for (int i = 1; i <= written; ++i) {
    REQUIRE(raw->Put(synced, "k" + std::to_string(i), std::string(1000, 'v')).ok());
  }
  delete raw;
  for (const auto& file : std::filesystem::directory_iterator(scratch.path())) {
    if (file.path().extension() == ".log") {
      std::ostringstream text;
      text << std::ifstream(file.path(), std::ios::binary).rdbuf();
      std::string content = text.str();
      damage(content);
      std::filesystem::remove(file.path());
      if (!content.empty()) {
        std::ofstream(file.path(), std::ios::binary) << content;
      }
    }
  }
  options.wal_recovery_mode = recovery;
  if (!rocksdb::DB::OpenForReadOnly(options, scratch.path(), &raw).ok()) {
    return refused;
  }
  const std::unique_ptr<rocksdb::DB> db(raw);
  int found = 0;
  std::string value;
  while (db->Get({}, "k" + std::to_string(found + 1), &value).ok()) {
    ++found;
  }
  return found;
}

struct answers {
  int tolerant;
  int point_in_time;
  int absolute;
  friend bool operator==(const answers&, const answers&) = default;
};

answers all_modes(const std::function<void(std::string&)>& damage) {
  return {found_after(damage, mode::kTolerateCorruptedTailRecords),
          found_after(damage, mode::kPointInTimeRecovery),
          found_after(damage, mode::kAbsoluteConsistency)};
}

TEST_CASE("recovery modes: a record that the file ends within is cut, finished or not") {
  CHECK(all_modes([](std::string& wal) { wal.resize(wal.size() - 10); }) ==
        answers{written - 1, written - 1, refused});
}

TEST_CASE("recovery modes: a damaged length of the last record looks like an unfinished one") {
  CHECK(all_modes([](std::string& wal) { wal[wal.size() / written * 4 + 5] ^= '\x40'; }) ==
        answers{written - 1, written - 1, refused});
}

TEST_CASE(
    "recovery modes: a last record that lost its first pages is refused by the tolerant mode") {
  CHECK(all_modes([](std::string& wal) { wal.replace(wal.size() - 800, 100, 100, '\0'); }) ==
        answers{refused, written - 1, refused});
}

TEST_CASE(
    "recovery modes: a damaged record in the middle is cut by point in time, with all behind") {
  CHECK(all_modes([](std::string& wal) { wal[wal.size() / 2] ^= '\1'; }) ==
        answers{refused, 2, refused});
}

TEST_CASE("recovery modes: no mode misses a log file that is gone") {
  CHECK(all_modes([](std::string& wal) { wal.clear(); }) == answers{0, 0, 0});
}

}  // namespace
}  // namespace troupe::persistence
