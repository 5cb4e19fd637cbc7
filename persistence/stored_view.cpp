// stored_view: see the header.
#include "persistence/stored_view.hpp"

#include <rocksdb/db.h>

#include <mutex>
#include <utility>

#include "persistence/rocks_status.hpp"
#include "persistence/state_keys.hpp"

namespace troupe::persistence {
namespace {

class stored_view final : public state_view {
 public:
  stored_view(std::shared_ptr<rocksdb::DB> db, std::string prefix)
      : db_(std::move(db)), snapshot_(db_->GetSnapshot()), prefix_(std::move(prefix)) {}
  ~stored_view() override { db_->ReleaseSnapshot(snapshot_); }

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override {
    std::string value;
    const auto found = db_->Get(options(), prefix_ + std::string(key), &value);
    if (found.ok()) {
      return value;
    }
    if (!found.IsNotFound()) {
      note(found);
    }
    return std::nullopt;
  }

  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override {
    const auto range = range_of(prefix_, prefix, from);
    if (!range) {
      return;
    }
    auto bounded = options();
    const rocksdb::Slice end(range->end);
    bounded.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(bounded));
    for (at->Seek(range->start); at->Valid(); at->Next()) {
      auto key = at->key().ToStringView();
      key.remove_prefix(state_prefix_bytes);
      if (!visit(key, at->value().ToStringView())) {
        return;
      }
    }
    if (!at->status().ok()) {
      note(at->status());
    }
  }

  [[nodiscard]] status read_status() const override {
    const std::lock_guard guard(mutex_);
    return failed_;
  }

 private:
  [[nodiscard]] rocksdb::ReadOptions options() const {
    rocksdb::ReadOptions reads;
    reads.snapshot = snapshot_;
    return reads;
  }

  void note(const rocksdb::Status& failure) const {
    const std::lock_guard guard(mutex_);
    if (failed_.ok()) {
      failed_ = to_status(failure, "read state in", db_->GetName());
    }
  }

  std::shared_ptr<rocksdb::DB> db_;
  const rocksdb::Snapshot* snapshot_;
  std::string prefix_;
  // A view may be handed to several query threads.
  mutable std::mutex mutex_;
  mutable status failed_;
};

}  // namespace

std::unique_ptr<state_view> make_stored_view(std::shared_ptr<rocksdb::DB> db,
                                             std::string space_prefix) {
  return std::make_unique<stored_view>(std::move(db), std::move(space_prefix));
}

std::optional<scan_range> range_of(std::string_view space_prefix, std::string_view prefix,
                                   std::string_view from) {
  const auto first = from < prefix ? prefix : from;
  std::string start = std::string(space_prefix).append(first);
  std::string end = end_of_prefix(std::string(space_prefix).append(prefix));
  if (start >= end) {
    return std::nullopt;
  }
  return scan_range{std::move(start), std::move(end)};
}

}  // namespace troupe::persistence
