// pending_writes: the puts and deletions of one batch before they go to RocksDB, readable together
// with what the database holds. Keys are whole keys of the database. Knows nothing of groups.
//
// Most batches are never read: the index that reading needs is built by the first read, and costs
// a batch without one nothing.
#pragma once

#include <rocksdb/utilities/write_batch_with_index.h>
#include <rocksdb/write_batch.h>

#include <cstddef>
#include <memory>
#include <string>

namespace rocksdb {
class DB;
class Iterator;
}  // namespace rocksdb

namespace troupe::persistence {

class pending_writes {
 public:
  rocksdb::Status put(const rocksdb::Slice& key, const rocksdb::Slice& value);
  rocksdb::Status erase(const rocksdb::Slice& key);

  rocksdb::Status get(rocksdb::DB& db, const rocksdb::Slice& key, std::string& value);
  /// Over the batch and the database; ends at the next change of the batch. Beyond the upper bound
  /// of `reads` keys of the batch may still come.
  std::unique_ptr<rocksdb::Iterator> iterator(rocksdb::DB& db, const rocksdb::ReadOptions& reads);

  /// One mark at a time: entries come by the thousand, and only the last may be taken back.
  rocksdb::Status set_mark();
  /// Takes back what came behind the mark; without one, everything.
  rocksdb::Status roll_back();

  [[nodiscard]] rocksdb::WriteBatch& batch() { return index_ ? *index_->GetWriteBatch() : plain_; }
  void clear();

 private:
  rocksdb::Status build_index();

  rocksdb::WriteBatch plain_;
  std::unique_ptr<rocksdb::WriteBatchWithIndex> index_;  ///< once there, it has everything
  bool marked_ = false;
  std::size_t marked_bytes_ = 0;  ///< size of the batch at the mark
  std::uint32_t marked_count_ = 0;
};

}  // namespace troupe::persistence
