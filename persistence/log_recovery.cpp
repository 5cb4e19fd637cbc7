// log_recovery: see the header.
#include "persistence/log_recovery.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <string>
#include <utility>

#include "persistence/log_format.hpp"
#include "persistence/rocks_database.hpp"
#include "persistence/rocks_status.hpp"
#include "persistence/sized_log_files.hpp"

namespace troupe::persistence {
namespace {

using raft::unexpected;
using rocksdb::WALRecoveryMode;

/// Entries of a group come in key order: in memory each goes behind the last without a search.
/// RocksDB 7.8 must not do so for range deletions, whose hints it mixes up with those of entries:
/// their keys are longer (erase_entries in group_log.cpp).
class entries_of_group final : public rocksdb::SliceTransform {
 public:
  [[nodiscard]] const char* Name() const override { return "troupe.entries_of_group"; }
  [[nodiscard]] rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), prefix_bytes};
  }
  [[nodiscard]] bool InDomain(const rocksdb::Slice& key) const override {
    return key.size() == key_bytes && key[prefix_bytes - 1] == static_cast<char>(log_record::entry);
  }

 private:
  static inline const std::size_t prefix_bytes = log_key({}, log_record::entry).size();
  static inline const std::size_t key_bytes = log_key({}, log_record::entry, {}).size();
};

rocksdb::Options options_for(const log_store_options& wanted) {
  rocksdb::Options options;
  set_common_options(options);
  options.env = wanted.env != nullptr ? wanted.env : sized_log_files();
  options.write_buffer_size = wanted.write_buffer_bytes;
  options.max_write_buffer_number = 4;
  options.memtable_insert_with_hint_prefix_extractor = std::make_shared<const entries_of_group>();
  // Every level that an entry moves through is written again. Few, big steps: entries of a group
  // come in key order, so files seldom overlap and mostly move without being rewritten.
  options.target_file_size_base = wanted.write_buffer_bytes;
  options.max_bytes_for_level_base = 8 * wanted.write_buffer_bytes;
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = 40;
  options.level0_stop_writes_trigger = 64;
  // Recycled files are not told apart from torn ones by any recovery mode that refuses damage.
  options.recycle_log_file_num = 0;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 16U << 10U;
  // Entries are read from disk only for followers that lag far behind; the core caches the rest.
  table.block_cache = rocksdb::NewLRUCache(8U << 20U);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

/// The looks before the opening shall not push the real log files of RocksDB out.
class silent_logger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

raft::expected<std::uint64_t, status> batch_number(rocksdb::DB& db) {
  const std::string key = log_key(raft::group_id{}, log_record::batch);
  std::string record;
  const auto outcome = db.Get({}, key, &record);
  if (outcome.IsNotFound()) {
    return std::uint64_t{0};
  }
  if (!outcome.ok()) {
    return unexpected(to_status(outcome, "read batch number in", db.GetName()));
  }
  const auto number = decode_batch_number(key, record);
  if (!number) {
    return unexpected(
        status(status_code::corrupt, "the batch number in " + db.GetName() + " is damaged"));
  }
  return *number;
}

/// What an opening in this mode would keep. Changes nothing on disk: an opening for writing drops
/// what it could not read, and with it the evidence.
raft::expected<std::uint64_t, status> look(const rocksdb::Options& base, const std::string& path,
                                           WALRecoveryMode mode) {
  auto options = base;
  options.wal_recovery_mode = mode;
  options.info_log = std::make_shared<silent_logger>();
  rocksdb::DB* opened = nullptr;
  const auto outcome = rocksdb::DB::OpenForReadOnly(options, path, &opened);
  if (!outcome.ok()) {
    return unexpected(to_status(outcome, "read", path));
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  return batch_number(*db);
}

status lost(const std::string& path, std::uint64_t found, std::uint64_t promised) {
  return {status_code::corrupt, path + ": the log ends at batch " + std::to_string(found) +
                                    ", but batch " + std::to_string(promised) +
                                    " was acknowledged: synced records are damaged or " +
                                    "missing; wipe this node and add it anew, or restore a backup"};
}

/// Which recovery mode loses nothing that was acknowledged; corrupt when none does.
///
/// kTolerateCorruptedTailRecords cuts a record that the file ends within and refuses a wrong
/// checksum. Two cases it judges wrongly, and the acknowledged number corrects it:
/// 1. a synced record whose length field was damaged looks like one that was never finished;
/// 2. an unfinished record of several pages, of which a power loss kept only the later ones, has a
///    wrong checksum but was never acknowledged. Only the last batch can be such a one, so nothing
///    readable may follow it.
raft::expected<WALRecoveryMode, status> choose_mode(const rocksdb::Options& options,
                                                    const std::string& path,
                                                    std::uint64_t promised) {
  const auto strict = look(options, path, WALRecoveryMode::kTolerateCorruptedTailRecords);
  if (strict) {
    if (*strict < promised) {
      return unexpected(lost(path, *strict, promised));
    }
    return WALRecoveryMode::kTolerateCorruptedTailRecords;
  }
  if (strict.error().code() != status_code::corrupt) {
    return unexpected(strict.error());
  }
  const auto before = look(options, path, WALRecoveryMode::kPointInTimeRecovery);
  const auto beyond = look(options, path, WALRecoveryMode::kSkipAnyCorruptedRecords);
  if (before && beyond && *before >= promised && *before == *beyond) {
    return WALRecoveryMode::kPointInTimeRecovery;
  }
  auto refused = strict.error().message();
  if (before) {
    refused += "; readable up to batch " + std::to_string(*before) + ", acknowledged up to " +
               std::to_string(std::max(promised, beyond ? *beyond : promised));
  }
  return unexpected(status(status_code::corrupt, refused));
}

}  // namespace

raft::expected<recovered_log, status> recover_log(const log_store_options& wanted) {
  auto options = options_for(wanted);
  rocksdb::Env& env = *options.env;
  const std::string marker_path = wanted.path + "/ACKNOWLEDGED";
  // RocksDB writes CURRENT last when it creates a database: without it there never was one.
  const bool is_new = env.FileExists(wanted.path + "/CURRENT").IsNotFound();
  if (is_new) {
    if (auto made = create_database_directory(env, wanted.path); !made.ok()) {
      return unexpected(std::move(made));
    }
    if (env.FileExists(marker_path).IsNotFound()) {
      if (auto created = acknowledged_batch::create(env, marker_path); !created.ok()) {
        return unexpected(std::move(created));
      }
    }
  }
  auto acknowledged = acknowledged_batch::open(env, marker_path);
  if (!acknowledged) {
    return unexpected(acknowledged.error());
  }
  const auto promised = (*acknowledged)->number();
  if (is_new && promised > 0) {
    return unexpected(lost(wanted.path, 0, promised));
  }
  options.wal_recovery_mode = WALRecoveryMode::kTolerateCorruptedTailRecords;
  if (!is_new) {
    const auto mode = choose_mode(options, wanted.path, promised);
    if (!mode) {
      return unexpected(mode.error());
    }
    options.wal_recovery_mode = *mode;
  }
  auto db = open_database(options, wanted.path, log_key(raft::group_id{}, log_record::version),
                          log_version);
  if (!db) {
    return unexpected(db.error());
  }
  const auto last_batch = batch_number(**db);
  if (!last_batch) {
    return unexpected(last_batch.error());
  }
  if (*last_batch < promised) {
    return unexpected(lost(wanted.path, *last_batch, promised));
  }
  return recovered_log{*std::move(db), *std::move(acknowledged), *last_batch};
}

}  // namespace troupe::persistence
