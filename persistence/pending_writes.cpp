#include "persistence/pending_writes.hpp"

#include <rocksdb/db.h>

#include <utility>

namespace troupe::persistence {
namespace {

using rocksdb::Slice;
using rocksdb::Status;

constexpr std::uint32_t nowhere = UINT32_MAX;

/// Puts what a plain batch holds into one with an index, the mark at the same place.
class replay final : public rocksdb::WriteBatch::Handler {
 public:
  replay(rocksdb::WriteBatchWithIndex& to, std::uint32_t mark) : to_(to), mark_(mark) { at(0); }

  Status PutCF(std::uint32_t, const Slice& key, const Slice& value) override {
    return counted(to_.Put(key, value));
  }
  Status DeleteCF(std::uint32_t, const Slice& key) override { return counted(to_.Delete(key)); }

 private:
  Status counted(Status done) {
    at(++count_);
    return done;
  }
  void at(std::uint32_t count) {
    if (count == mark_) to_.SetSavePoint();
  }

  rocksdb::WriteBatchWithIndex& to_;
  std::uint32_t mark_;
  std::uint32_t count_ = 0;
};

}  // namespace

Status pending_writes::put(const Slice& key, const Slice& value) {
  return index_ ? index_->Put(key, value) : plain_.Put(key, value);
}

Status pending_writes::erase(const Slice& key) {
  return index_ ? index_->Delete(key) : plain_.Delete(key);
}

Status pending_writes::build_index() {
  if (index_) return Status::OK();
  index_ = std::make_unique<rocksdb::WriteBatchWithIndex>(rocksdb::BytewiseComparator(), 0,
                                                          /*overwrite_key=*/true);
  replay into(*index_, marked_ ? marked_count_ : nowhere);
  return plain_.Iterate(&into);
}

Status pending_writes::get(rocksdb::DB& db, const Slice& key, std::string& value) {
  if (!index_ && plain_.Count() == 0) return db.Get({}, key, &value);
  auto built = build_index();
  return built.ok() ? index_->GetFromBatchAndDB(&db, {}, key, &value) : built;
}

std::unique_ptr<rocksdb::Iterator> pending_writes::iterator(rocksdb::DB& db,
                                                            const rocksdb::ReadOptions& reads) {
  if (auto built = build_index(); !built.ok()) {
    return std::unique_ptr<rocksdb::Iterator>(rocksdb::NewErrorIterator(built));
  }
  return std::unique_ptr<rocksdb::Iterator>(
      index_->NewIteratorWithBase(db.DefaultColumnFamily(), db.NewIterator(reads), &reads));
}

Status pending_writes::set_mark() {
  auto done = Status::OK();
  if (marked_) done = index_ ? index_->PopSavePoint() : plain_.PopSavePoint();
  index_ ? index_->SetSavePoint() : plain_.SetSavePoint();
  marked_ = true;
  marked_bytes_ = batch().GetDataSize();
  marked_count_ = batch().Count();
  return done;
}

Status pending_writes::roll_back() {
  // With an index RocksDB rebuilds all of it; most refused entries have written nothing.
  if (marked_ && batch().GetDataSize() == marked_bytes_) return Status::OK();
  if (!marked_) {
    clear();
    return Status::OK();
  }
  auto done = index_ ? index_->RollbackToSavePoint() : plain_.RollbackToSavePoint();
  marked_ = false;
  const auto marked = set_mark();
  return done.ok() ? marked : done;
}

void pending_writes::clear() {
  plain_.Clear();
  index_.reset();
  marked_ = false;
}

}  // namespace troupe::persistence
