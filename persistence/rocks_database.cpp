// rocks_database: see the header.
#include "persistence/rocks_database.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <algorithm>

#include "persistence/durable_file.hpp"
#include "persistence/rocks_status.hpp"

namespace troupe::persistence {
namespace {

bool has_lz4() {
  const auto supported = rocksdb::GetSupportedCompressions();
  return std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
}

status create_version(rocksdb::DB& db, const std::string& key, std::string_view version) {
  const std::unique_ptr<rocksdb::Iterator> any(db.NewIterator({}));
  any->SeekToFirst();
  if (any->Valid() || !any->status().ok()) {
    return {status_code::corrupt,
            db.GetName() + " holds data, but the record that names its format is missing"};
  }
  rocksdb::WriteOptions writes;
  writes.sync = true;
  return to_status(db.Put(writes, key, rocksdb::Slice(version.data(), version.size())),
                   "write format version in", db.GetName());
}

status check_version(rocksdb::DB& db, const std::string& key, std::string_view version) {
  std::string found;
  const auto outcome = db.Get({}, key, &found);
  if (outcome.IsNotFound()) {
    return create_version(db, key, version);
  }
  if (!outcome.ok()) {
    return to_status(outcome, "read format version in", db.GetName());
  }
  if (found != version) {
    return {status_code::mismatch, db.GetName() + " has format '" + found +
                                       "', this program reads '" + std::string(version) +
                                       "'; use the program that wrote it"};
  }
  return {};
}

/// A directory is there for good only when its parent has been synced. One that is found may have
/// been made by a process that did not get to that.
rocksdb::Status create_directory(rocksdb::Env& env, const std::string& path) {
  auto outcome = env.CreateDirIfMissing(path);
  std::unique_ptr<rocksdb::Directory> parent;
  if (outcome.ok()) {
    outcome = env.NewDirectory(parent_of(path), &parent);
  }
  return outcome.ok() ? parent->Fsync() : outcome;
}

}  // namespace

status create_database_directory(rocksdb::Env& env, const std::string& path) {
  return to_status(create_directory(env, path), "create", path);
}

void set_common_options(rocksdb::Options& options) {
  options.create_if_missing = true;
  options.paranoid_checks = true;
  // A failed sync must stay failed: on Linux the pages that could not be written are dropped, so a
  // resumed write would report success over a hole.
  options.max_bgerror_resume_count = 0;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = 1U << 20U;
  options.keep_log_file_num = 3;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.max_background_jobs = 2;
  options.level_compaction_dynamic_level_bytes = true;
  // Young levels are rewritten or dropped soon: compressing them buys little.
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = has_lz4() ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

raft::expected<std::shared_ptr<rocksdb::DB>, status> open_database(const rocksdb::Options& options,
                                                                   const std::string& path,
                                                                   const std::string& version_key,
                                                                   std::string_view version) {
  if (auto created = create_database_directory(*options.env, path); !created.ok()) {
    return raft::unexpected(std::move(created));
  }
  rocksdb::DB* opened = nullptr;
  const auto outcome = rocksdb::DB::Open(options, path, &opened);
  if (!outcome.ok()) {
    return raft::unexpected(to_status(outcome, "open", path));
  }
  std::shared_ptr<rocksdb::DB> db(opened);
  if (auto checked = check_version(*db, version_key, version); !checked.ok()) {
    return raft::unexpected(std::move(checked));
  }
  return db;
}

}  // namespace troupe::persistence
