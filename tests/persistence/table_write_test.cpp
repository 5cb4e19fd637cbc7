// Tables that are taken into a database: over and under what batches write, and after a crash.
#include "persistence/table_write.hpp"

#include <rocksdb/db.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {
namespace {

using content = std::map<std::string, std::string>;

struct database {
  scratch_directory directory;
  rocksdb::Options options;
  std::unique_ptr<rocksdb::DB> db;

  database() { options.create_if_missing = true; }
  rocksdb::DB& open() {
    db.reset();
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open(options, directory.path() + "/db", &opened).ok());
    db.reset(opened);
    return *opened;
  }
  [[nodiscard]] content all() const {
    content found;
    const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      found[at->key().ToString()] = at->value().ToString();
    }
    REQUIRE(at->status().ok());
    return found;
  }
};

status write(rocksdb::DB& db, const content& puts, const std::string& erased = "") {
  change_log log;
  for (const auto& [key, value] : puts) log.put("", key, value);
  if (!erased.empty()) log.erase("", erased);
  return write_table(db, log.newest());
}

TEST_CASE("table write: a table covers what was there, and what comes later covers it") {
  database d;
  auto& db = d.open();
  REQUIRE(db.Put({}, "a", "batch").ok());
  REQUIRE(db.Put({}, "b", "batch").ok());
  REQUIRE(write(db, {{"a", "table"}, {"c", "table"}}, "b").ok());
  CHECK(d.all() == content{{"a", "table"}, {"c", "table"}});
  REQUIRE(db.Put({}, "c", "later").ok());
  REQUIRE(write(db, {{"a", "again"}}).ok());
  const content expected{{"a", "again"}, {"c", "later"}};
  CHECK(d.all() == expected);
  d.open();
  CHECK(d.all() == expected);
}

TEST_CASE("table write: a snapshot does not see a later table") {
  database d;
  auto& db = d.open();
  REQUIRE(write(db, {{"a", "old"}}).ok());
  rocksdb::ReadOptions then;
  then.snapshot = db.GetSnapshot();
  REQUIRE(write(db, {{"a", "new"}, {"b", "new"}}).ok());
  std::string value;
  CHECK(db.Get(then, "a", &value).ok());
  CHECK(value == "old");
  CHECK(db.Get(then, "b", &value).IsNotFound());
  db.ReleaseSnapshot(then.snapshot);
}

TEST_CASE("table write: a second name that a crash left of a table is not written to") {
  database d;
  REQUIRE(write(d.open(), {{"a", "1"}}).ok());
  d.db.reset();
  const std::filesystem::path home = d.directory.path() + "/db";
  for (const auto& file : std::filesystem::directory_iterator(home)) {
    if (file.path().extension() == ".sst") {
      std::filesystem::create_hard_link(file, home / "written-back.new");
      break;
    }
  }
  REQUIRE(std::filesystem::exists(home / "written-back.new"));
  REQUIRE(write(d.open(), {{"b", "2"}}).ok());
  CHECK(d.all() == content{{"a", "1"}, {"b", "2"}});
  d.open();
  CHECK(d.all() == content{{"a", "1"}, {"b", "2"}});
  CHECK_FALSE(std::filesystem::exists(home / "written-back.new"));
}

TEST_CASE("table write: a database whose compactions do not keep up says that it is crowded") {
  database d;
  d.options.level_compaction_dynamic_level_bytes = true;
  d.options.level0_file_num_compaction_trigger = 2;
  d.options.level0_slowdown_writes_trigger = 2;
  auto& db = d.open();
  CHECK_FALSE(is_crowded(db));
  REQUIRE(db.PauseBackgroundWork().ok());
  for (int i = 0; i < 4; ++i) REQUIRE(write(db, {{"a", std::to_string(i)}}).ok());
  CHECK(is_crowded(db));
  REQUIRE(db.ContinueBackgroundWork().ok());
}

}  // namespace
}  // namespace troupe::persistence
