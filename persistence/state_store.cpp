// state_store: see the header. docs/log-format.md describes the keys.
#include "persistence/state_store.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/write_batch_with_index.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "persistence/big_endian.hpp"
#include "persistence/rocks_database.hpp"
#include "persistence/rocks_status.hpp"
#include "persistence/sealed_record.hpp"
#include "persistence/state_keys.hpp"
#include "persistence/stored_view.hpp"

namespace troupe::persistence {
namespace {

using raft::unexpected;

constexpr std::string_view state_version = "troupe state 1";

/// Who may write a group's state, and how far it is. Shared by all openers of the group.
struct ownership {
  mutable std::mutex mutex;
  std::uint64_t epoch = 0;  ///< rises with each opener; older ones are fenced
  raft::log_index applied;
};

class stored_write final : public state_write {
 public:
  stored_write(std::shared_ptr<rocksdb::DB> db, std::shared_ptr<ownership> owner,
               std::uint64_t epoch, raft::group_id group)
      : db_(std::move(db)),
        owner_(std::move(owner)),
        epoch_(epoch),
        group_(group),
        prefix_(state_data_prefix(group)),
        batch_(rocksdb::BytewiseComparator(), 0, /*overwrite_key=*/true),
        marked_bytes_(batch_.GetDataSize()) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;
  void set_savepoint() override;
  void rollback() override;
  [[nodiscard]] status read_status() const override { return failed_; }
  status commit(raft::log_index applied) override;

 private:
  using pairs = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] pairs next_pairs(const scan_range& range, std::size_t count_max) const;
  [[nodiscard]] std::string full(std::string_view key) const { return prefix_ + std::string(key); }
  void note(const rocksdb::Status& outcome) const;
  [[nodiscard]] status check_turn(raft::log_index applied) const;

  std::shared_ptr<rocksdb::DB> db_;
  std::shared_ptr<ownership> owner_;
  std::uint64_t epoch_;
  raft::group_id group_;
  std::string prefix_;
  // RocksDB's reads through a batch are not const; they change nothing that can be observed.
  mutable rocksdb::WriteBatchWithIndex batch_;
  bool marked_ = false;
  std::size_t marked_bytes_;  ///< size of the batch at the mark
  mutable status failed_;
};

std::optional<std::string> stored_write::get(std::string_view key) const {
  std::string value;
  const auto found = batch_.GetFromBatchAndDB(db_.get(), {}, full(key), &value);
  if (found.ok()) {
    return value;
  }
  if (!found.IsNotFound()) {
    note(found);
  }
  return std::nullopt;
}

void stored_write::scan(std::string_view prefix, std::string_view from,
                        const key_visitor& visit) const {
  auto range = range_of(prefix_, prefix, from);
  if (!range) {
    return;
  }
  // The visitor may well write to this batch (erase what it sees), which an open iterator over the
  // batch would not survive. So pairs are copied out in growing portions, each by a fresh iterator.
  constexpr std::size_t portion_max = 256;
  for (std::size_t portion = 8;; portion = std::min(portion * 4, portion_max)) {
    const auto found = next_pairs(*range, portion);
    for (const auto& [key, value] : found) {
      if (!visit(std::string_view(key).substr(state_prefix_bytes), value)) {
        return;
      }
    }
    if (found.size() < portion) {
      return;
    }
    range->start = found.back().first + '\0';
  }
}

stored_write::pairs stored_write::next_pairs(const scan_range& range, std::size_t count_max) const {
  rocksdb::ReadOptions reads;
  const rocksdb::Slice end(range.end);
  reads.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> at(
      batch_.NewIteratorWithBase(db_->DefaultColumnFamily(), db_->NewIterator(reads), &reads));
  pairs found;
  for (at->Seek(range.start); at->Valid() && found.size() < count_max; at->Next()) {
    // The bound holds for the database; keys of the batch are checked here.
    if (at->key().compare(end) >= 0) {
      break;
    }
    found.emplace_back(at->key().ToString(), at->value().ToString());
  }
  if (!at->status().ok()) {
    note(at->status());
  }
  return found;
}

void stored_write::put(std::string_view key, std::string_view value) {
  note(batch_.Put(full(key), rocksdb::Slice(value.data(), value.size())));
}

void stored_write::erase(std::string_view key) {
  note(batch_.Delete(full(key)));
}

void stored_write::set_savepoint() {
  // One mark at a time: entries come by the thousand, and only the last may be taken back.
  if (marked_) {
    note(batch_.PopSavePoint());
  }
  batch_.SetSavePoint();
  marked_ = true;
  marked_bytes_ = batch_.GetDataSize();
}

void stored_write::rollback() {
  // RocksDB rebuilds the whole index on rollback; most refused entries have written nothing.
  if (batch_.GetDataSize() == marked_bytes_) {
    return;
  }
  if (!marked_) {
    batch_.Clear();
    return;
  }
  note(batch_.RollbackToSavePoint());
  marked_ = false;
  set_savepoint();
}

void stored_write::note(const rocksdb::Status& outcome) const {
  if (!outcome.ok() && failed_.ok()) {
    failed_ =
        to_status(outcome, "read state of group " + to_string(group_) + " in", db_->GetName());
  }
}

status stored_write::check_turn(raft::log_index applied) const {
  if (owner_->epoch != epoch_) {
    return {status_code::fenced,
            "group " + to_string(group_) + " has been opened anew; this writer may not commit"};
  }
  if (applied <= owner_->applied) {
    return {status_code::corrupt, "group " + to_string(group_) + ": applied index " +
                                      to_string(applied) + " does not rise above " +
                                      to_string(owner_->applied)};
  }
  return {};
}

status stored_write::commit(raft::log_index applied) {
  if (!failed_.ok()) {
    return failed_;
  }
  // Held over the write: once a newer opener has raised the epoch, nothing of ours can follow.
  const std::lock_guard guard(owner_->mutex);
  if (auto turn = check_turn(applied); !turn.ok()) {
    return turn;
  }
  const std::string key = state_applied_key(group_);
  std::string index;
  append_big_endian(index, applied.value());
  note(batch_.Put(key, seal(key, std::move(index))));
  rocksdb::WriteOptions writes;
  writes.sync = false;
  writes.no_slowdown = true;
  const auto outcome = db_->Write(writes, batch_.GetWriteBatch());
  if (!outcome.ok()) {
    return to_status(outcome, "write state of group " + to_string(group_) + " in", db_->GetName());
  }
  owner_->applied = applied;
  batch_.Clear();
  marked_ = false;
  marked_bytes_ = batch_.GetDataSize();
  return {};
}

class stored_group final : public group_state {
 public:
  stored_group(std::shared_ptr<rocksdb::DB> db, std::shared_ptr<ownership> owner,
               std::uint64_t epoch, raft::group_id group)
      : db_(std::move(db)), owner_(std::move(owner)), epoch_(epoch), group_(group) {}

  [[nodiscard]] raft::log_index applied() const override {
    const std::lock_guard guard(owner_->mutex);
    return owner_->applied;
  }
  [[nodiscard]] std::unique_ptr<state_write> begin() override {
    return std::make_unique<stored_write>(db_, owner_, epoch_, group_);
  }
  [[nodiscard]] std::unique_ptr<state_view> view() const override {
    return make_stored_view(db_, group_);
  }

 private:
  std::shared_ptr<rocksdb::DB> db_;
  std::shared_ptr<ownership> owner_;
  std::uint64_t epoch_;
  raft::group_id group_;
};

rocksdb::Options options_for(const state_store_options& wanted) {
  rocksdb::Options options;
  set_common_options(options);
  if (wanted.env != nullptr) {
    options.env = wanted.env;
  }
  options.write_buffer_size = wanted.write_buffer_bytes;
  options.max_write_buffer_number = 4;
  // The log is not synced, so after a power loss its end may be missing or torn anywhere. Any
  // prefix is a true state: its applied index says from where to replay.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(wanted.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

class state_store::impl {
 public:
  explicit impl(std::shared_ptr<rocksdb::DB> db) : db_(std::move(db)) {}

  [[nodiscard]] rocksdb::DB& db() { return *db_; }

  raft::expected<std::shared_ptr<group_state>, status> open_group(raft::group_id group) {
    const std::lock_guard guard(mutex_);
    auto& owner = groups_[group];
    if (!owner) {
      auto applied = read_applied(group);
      if (!applied) {
        groups_.erase(group);
        return unexpected(applied.error());
      }
      owner = std::make_shared<ownership>();
      owner->applied = *applied;
    }
    const std::lock_guard turn(owner->mutex);
    ++owner->epoch;
    return std::shared_ptr<group_state>(
        std::make_shared<stored_group>(db_, owner, owner->epoch, group));
  }

 private:
  raft::expected<raft::log_index, status> read_applied(raft::group_id group) {
    const std::string key = state_applied_key(group);
    std::string record;
    const auto found = db_->Get({}, key, &record);
    if (found.IsNotFound()) {
      return raft::log_index{};
    }
    if (!found.ok()) {
      return unexpected(to_status(found, "read applied index in", db_->GetName()));
    }
    const auto body = unseal(key, record);
    if (!body || body->size() != sizeof(std::uint64_t)) {
      return unexpected(status(status_code::corrupt, "applied index of group " + to_string(group) +
                                                         " in " + db_->GetName() + " is damaged"));
    }
    return raft::log_index{read_big_endian<std::uint64_t>(*body)};
  }

  std::shared_ptr<rocksdb::DB> db_;
  std::mutex mutex_;
  std::map<raft::group_id, std::shared_ptr<ownership>> groups_;
};

raft::expected<std::unique_ptr<state_store>, status> state_store::open(
    const state_store_options& options) {
  auto db = open_database(options_for(options), options.path, state_version_key(), state_version);
  if (!db) {
    return unexpected(db.error());
  }
  return std::unique_ptr<state_store>(new state_store(std::make_shared<impl>(std::move(*db))));
}

state_store::state_store(std::shared_ptr<impl> held) : impl_(std::move(held)) {}
state_store::~state_store() = default;

raft::expected<std::shared_ptr<group_state>, status> state_store::open_group(raft::group_id group) {
  return impl_->open_group(group);
}

status state_store::flush() {
  rocksdb::FlushOptions options;
  options.wait = true;
  return to_status(impl_->db().Flush(options), "flush", impl_->db().GetName());
}

}  // namespace troupe::persistence
