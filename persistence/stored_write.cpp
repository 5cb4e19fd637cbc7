// stored_write: see the header.
#include "persistence/stored_write.hpp"

#include <rocksdb/db.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "persistence/pending_writes.hpp"
#include "persistence/rocks_status.hpp"
#include "persistence/state_records.hpp"
#include "persistence/stored_view.hpp"

namespace troupe::persistence {
namespace {

/// What both key spaces of a batch write into.
struct shared_batch {
  shared_batch(std::shared_ptr<rocksdb::DB> database, state_generation over)
      : db(std::move(database)), generation(over) {}

  void note(const rocksdb::Status& outcome) {
    if (!outcome.ok() && failed.ok()) {
      failed = to_status(outcome, "read state of group " + to_string(generation.group) + " in",
                         db->GetName());
    }
  }

  std::shared_ptr<rocksdb::DB> db;
  state_generation generation;
  pending_writes writes;
  status failed;
};

/// The keys of one space, read through the batch.
class batch_keys {
 public:
  batch_keys(shared_batch& batch, state_space space)
      : batch_(batch), prefix_(state_key(batch.generation, space)) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const;
  void scan(std::string_view prefix, std::string_view from, const key_visitor& visit) const;
  void put(std::string_view key, std::string_view value) {
    batch_.note(batch_.writes.put(full(key), rocksdb::Slice(value.data(), value.size())));
  }
  void erase(std::string_view key) { batch_.note(batch_.writes.erase(full(key))); }

 private:
  using pairs = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] pairs next_pairs(const scan_range& range, std::size_t count_max) const;
  [[nodiscard]] std::string full(std::string_view key) const { return prefix_ + std::string(key); }

  shared_batch& batch_;
  std::string prefix_;
};

std::optional<std::string> batch_keys::get(std::string_view key) const {
  std::string value;
  const auto found = batch_.writes.get(*batch_.db, full(key), value);
  if (found.ok()) {
    return value;
  }
  if (!found.IsNotFound()) {
    batch_.note(found);
  }
  return std::nullopt;
}

void batch_keys::scan(std::string_view prefix, std::string_view from,
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

batch_keys::pairs batch_keys::next_pairs(const scan_range& range, std::size_t count_max) const {
  rocksdb::ReadOptions reads;
  const rocksdb::Slice end(range.end);
  reads.iterate_upper_bound = &end;
  const auto at = batch_.writes.iterator(*batch_.db, reads);
  pairs found;
  for (at->Seek(range.start); at->Valid() && found.size() < count_max; at->Next()) {
    // The bound holds for the database; keys of the batch are checked here.
    if (at->key().compare(end) >= 0) {
      break;
    }
    found.emplace_back(at->key().ToString(), at->value().ToString());
  }
  batch_.note(at->status());
  return found;
}

class own_records final : public state_batch {
 public:
  explicit own_records(shared_batch& batch) : batch_(batch), keys_(batch, state_space::own) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override {
    return keys_.get(key);
  }
  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override {
    keys_.scan(prefix, from, visit);
  }
  void put(std::string_view key, std::string_view value) override { keys_.put(key, value); }
  void erase(std::string_view key) override { keys_.erase(key); }
  [[nodiscard]] status read_status() const override { return batch_.failed; }

 private:
  shared_batch& batch_;
  batch_keys keys_;
};

class stored_write final : public state_write {
 public:
  stored_write(std::shared_ptr<rocksdb::DB> db, std::shared_ptr<group_ownership> owner,
               std::uint64_t epoch)
      : owner_(std::move(owner)),
        epoch_(epoch),
        batch_(std::move(db), owner_->current()),
        data_(batch_, state_space::data),
        own_(batch_) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override {
    return data_.get(key);
  }
  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override {
    data_.scan(prefix, from, visit);
  }
  void put(std::string_view key, std::string_view value) override { data_.put(key, value); }
  void erase(std::string_view key) override { data_.erase(key); }
  state_batch& own() override { return own_; }
  void set_savepoint() override { batch_.note(batch_.writes.set_mark()); }
  void rollback() override { batch_.note(batch_.writes.roll_back()); }
  [[nodiscard]] status read_status() const override { return batch_.failed; }
  status commit(const applied_change& at) override;

 private:
  [[nodiscard]] status check_turn(const applied_change& at) const;
  void put_point(const applied_change& at);

  std::shared_ptr<group_ownership> owner_;
  std::uint64_t epoch_;
  shared_batch batch_;
  batch_keys data_;
  own_records own_;
};

status stored_write::check_turn(const applied_change& at) const {
  const std::string group = "group " + to_string(owner_->group);
  if (owner_->epoch != epoch_) {
    return {status_code::fenced, group + " has been opened anew; this writer may not commit"};
  }
  if (owner_->current() != batch_.generation) {
    return {status_code::fenced,
            group + " has installed a snapshot; a batch begun before may not be committed"};
  }
  const auto& stored = owner_->point;
  if (at.index <= stored.index || at.term < stored.term) {
    return {status_code::corrupt, group + ": applied index " + to_string(at.index) + " of term " +
                                      to_string(at.term) + " does not rise above " +
                                      to_string(stored.index) + " of term " +
                                      to_string(stored.term)};
  }
  return {};
}

void stored_write::put_point(const applied_change& at) {
  const std::string key = state_key(batch_.generation, state_space::applied);
  batch_.note(batch_.writes.put(key, encode_applied_point(key, {at.index, at.term})));
  if (at.peers) {
    const std::string peers_key = state_key(batch_.generation, state_space::configuration);
    batch_.note(batch_.writes.put(peers_key,
                                  encode_applied_configuration(peers_key, {at.index, *at.peers})));
  }
}

status stored_write::commit(const applied_change& at) {
  if (!batch_.failed.ok()) {
    return batch_.failed;
  }
  // Held over the write: once a newer opener has raised the epoch, nothing of ours can follow.
  const std::lock_guard guard(owner_->mutex);
  if (auto turn = check_turn(at); !turn.ok()) {
    return turn;
  }
  put_point(at);
  rocksdb::WriteOptions writes;
  writes.no_slowdown = true;
  // Not synced: the log is the durable truth. But logged: a member that starts again without a
  // leader has nothing else to serve local reads from.
  writes.sync = false;
  const auto outcome = batch_.db->Write(writes, &batch_.writes.batch());
  if (!outcome.ok()) {
    return to_status(outcome, "write state of group " + to_string(owner_->group) + " in",
                     batch_.db->GetName());
  }
  owner_->point.index = at.index;
  owner_->point.term = at.term;
  if (at.peers) {
    owner_->point.peers = *at.peers;
  }
  batch_.writes.clear();
  return {};
}

}  // namespace

std::unique_ptr<state_write> make_stored_write(std::shared_ptr<rocksdb::DB> db,
                                               std::shared_ptr<group_ownership> owner,
                                               std::uint64_t epoch) {
  return std::make_unique<stored_write>(std::move(db), std::move(owner), epoch);
}

}  // namespace troupe::persistence
