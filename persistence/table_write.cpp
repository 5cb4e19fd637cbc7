// table_write: see the header.
#include "persistence/table_write.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/sst_file_writer.h>

#include <cstdint>
#include <string>

#include "persistence/rocks_status.hpp"

namespace troupe::persistence {
namespace {

/// As young levels have it, see set_common_options(); and what was written is soon read again.
rocksdb::Options options_of_tables(const rocksdb::DB& db) {
  auto options = db.GetOptions();
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  return options;
}

rocksdb::Status fill(rocksdb::SstFileWriter& table, std::span<const change> sorted) {
  rocksdb::Status outcome;
  for (const auto& c : sorted) {
    outcome = c.is_erased ? table.Delete(c.key()) : table.Put(c.key(), c.value());
    if (!outcome.ok()) break;
  }
  return outcome.ok() ? table.Finish() : outcome;
}

bool is_positive(rocksdb::DB& db, const std::string& property) {
  std::uint64_t value = 0;
  return db.GetIntProperty(property, &value) && value > 0;
}

/// A table is durable at once. Were it so before what batches wrote earlier, a power loss could
/// take those and leave it: the database has to stay as it was at one moment.
rocksdb::Status secure_batches(rocksdb::DB& db) {
  if (!is_positive(db, rocksdb::DB::Properties::kNumEntriesActiveMemTable) &&
      !is_positive(db, rocksdb::DB::Properties::kNumImmutableMemTable)) {
    return {};
  }
  rocksdb::FlushOptions options;
  options.wait = true;
  return db.Flush(options);
}

}  // namespace

bool is_crowded(rocksdb::DB& db) {
  return is_positive(db, rocksdb::DB::Properties::kIsWriteStopped) ||
         is_positive(db, rocksdb::DB::Properties::kActualDelayedWriteRate);
}

status write_table(rocksdb::DB& db, std::span<const change> sorted) {
  const std::string path = db.GetName() + "/written-back.new";
  // After a crash this may be a second name of a table that the database has: it must not be
  // written to.
  auto outcome = db.GetEnv()->FileExists(path);
  outcome = outcome.IsNotFound() ? rocksdb::Status() : db.GetEnv()->DeleteFile(path);
  if (!outcome.ok()) return to_status(outcome, "delete", path);
  constexpr bool is_read_again = true;
  rocksdb::SstFileWriter table({}, options_of_tables(db), nullptr, !is_read_again);
  outcome = table.Open(path);
  if (outcome.ok()) outcome = fill(table, sorted);
  if (!outcome.ok()) return to_status(outcome, "write", path);
  outcome = secure_batches(db);
  if (!outcome.ok()) return to_status(outcome, "flush", db.GetName());
  rocksdb::IngestExternalFileOptions how;
  how.move_files = true;
  how.failed_move_fall_back_to_copy = true;
  how.write_global_seqno = false;  // a file that is linked in place is not written to
  return to_status(db.IngestExternalFile({path}, how), "take a table into", db.GetName());
}

}  // namespace troupe::persistence
