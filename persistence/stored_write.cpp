// stored_write: see the header.
#include "persistence/stored_write.hpp"

#include <rocksdb/db.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "persistence/change_log.hpp"
#include "persistence/state_records.hpp"

namespace troupe::persistence {
namespace {

/// What both key spaces of a batch write into, and what they are read through: the state as it was
/// when the batch was first read. Most batches never are.
class shared_batch {
 public:
  shared_batch(state_database database, std::shared_ptr<group_ownership> owner)
      : database_(std::move(database)), owner_(std::move(owner)), generation_(owner_->current()) {}

  [[nodiscard]] const stored_moment& below() {
    if (!below_) {
      below_ = std::make_unique<stored_moment>(database_.db, *owner_->held);
    }
    return *below_;
  }
  [[nodiscard]] status failure() const { return below_ ? below_->failure() : status(); }
  [[nodiscard]] const state_generation& generation() const { return generation_; }
  [[nodiscard]] change_log& pending() { return pending_; }
  void set_mark() { mark_ = pending_.size(); }
  void roll_back() { pending_.truncate(mark_); }
  void hand_over() {
    below_.reset();
    mark_ = 0;
    database_.writer->add(owner_->held, pending_);
  }
  [[nodiscard]] group_ownership& owner() const { return *owner_; }
  [[nodiscard]] write_back& writer() const { return *database_.writer; }

 private:
  state_database database_;
  std::shared_ptr<group_ownership> owner_;
  state_generation generation_;
  std::unique_ptr<stored_moment> below_;
  change_log pending_;
  std::size_t mark_ = 0;  ///< of the pending changes
};

/// The keys of one space, read through the batch.
class batch_keys {
 public:
  batch_keys(shared_batch& batch, state_space space)
      : batch_(batch), prefix_(state_key(batch.generation(), space)) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const;
  void scan(std::string_view prefix, std::string_view from, const key_visitor& visit) const;
  void put(std::string_view key, std::string_view value) {
    batch_.pending().put(prefix_, key, value);
  }
  void erase(std::string_view key) { batch_.pending().erase(prefix_, key); }

 private:
  using pairs = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] pairs next_pairs(const key_range& range, std::size_t count_max) const;
  [[nodiscard]] std::string full(std::string_view key) const { return prefix_ + std::string(key); }

  shared_batch& batch_;
  std::string prefix_;
};

std::optional<std::string> batch_keys::get(std::string_view key) const {
  const auto whole = full(key);
  if (const auto own = batch_.pending().find(whole, batch_.pending().size())) {
    return own->is_erased ? std::nullopt : std::optional<std::string>(own->value());
  }
  return batch_.below().get(whole);
}

void batch_keys::scan(std::string_view prefix, std::string_view from,
                      const key_visitor& visit) const {
  auto range = range_of(prefix_, prefix, from);
  if (!range) {
    return;
  }
  // The visitor may well write to this batch (erase what it sees), which an open cursor over the
  // batch would not survive. So pairs are copied out in growing portions, each by a fresh cursor.
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

batch_keys::pairs batch_keys::next_pairs(const key_range& range, std::size_t count_max) const {
  auto at = batch_.below().cursor(range, &batch_.pending());
  pairs found;
  for (; at.is_valid() && found.size() < count_max; at.next()) {
    found.emplace_back(at.key(), at.value());
  }
  batch_.below().note(at.status());
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
  [[nodiscard]] status read_status() const override { return batch_.failure(); }

 private:
  shared_batch& batch_;
  batch_keys keys_;
};

class stored_write final : public state_write {
 public:
  stored_write(state_database database, std::shared_ptr<group_ownership> owner, std::uint64_t epoch)
      : epoch_(epoch),
        batch_(std::move(database), std::move(owner)),
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
  void set_savepoint() override { batch_.set_mark(); }
  void rollback() override { batch_.roll_back(); }
  [[nodiscard]] status read_status() const override { return batch_.failure(); }
  status commit(const applied_change& at) override;

 private:
  [[nodiscard]] status check_turn(const applied_change& at) const;
  void put_point(const applied_change& at);

  std::uint64_t epoch_;
  shared_batch batch_;
  batch_keys data_;
  own_records own_;
};

status stored_write::check_turn(const applied_change& at) const {
  const auto& owner = batch_.owner();
  const std::string group = "group " + to_string(owner.group);
  if (owner.epoch != epoch_) {
    return {status_code::fenced, group + " has been opened anew; this writer may not commit"};
  }
  if (owner.current() != batch_.generation()) {
    return {status_code::fenced,
            group + " has installed a snapshot; a batch begun before may not be committed"};
  }
  const auto& stored = owner.point;
  if (at.index <= stored.index || at.term < stored.term) {
    return {status_code::corrupt, group + ": applied index " + to_string(at.index) + " of term " +
                                      to_string(at.term) + " does not rise above " +
                                      to_string(stored.index) + " of term " +
                                      to_string(stored.term)};
  }
  return {};
}

void stored_write::put_point(const applied_change& at) {
  const std::string key = state_key(batch_.generation(), state_space::applied);
  batch_.pending().put({}, key, encode_applied_point(key, {at.index, at.term}));
  if (at.peers) {
    const std::string peers_key = state_key(batch_.generation(), state_space::configuration);
    batch_.pending().put({}, peers_key,
                         encode_applied_configuration(peers_key, {at.index, *at.peers}));
  }
}

status stored_write::commit(const applied_change& at) {
  if (auto failed = batch_.failure(); !failed.ok()) {
    return failed;
  }
  // Held to the end: once a newer opener has raised the epoch, nothing of ours can follow.
  auto& owner = batch_.owner();
  const std::lock_guard guard(owner.mutex);
  if (auto turn = check_turn(at); !turn.ok()) {
    return turn;
  }
  if (auto admitted = batch_.writer().admits(); !admitted.ok()) {
    return admitted;
  }
  put_point(at);
  batch_.hand_over();
  owner.point.index = at.index;
  owner.point.term = at.term;
  if (at.peers) {
    owner.point.peers = *at.peers;
  }
  return {};
}

}  // namespace

std::pair<std::unique_ptr<stored_moment>, state_generation> moment_of(
    const state_database& database, const group_ownership& owner) {
  // What a generation holds is deleted only after another has become the current one: when it is
  // still current behind the moment, the moment has all of it.
  for (auto generation = owner.current();;) {
    auto moment = std::make_unique<stored_moment>(database.db, *owner.held);
    const auto now = owner.current();
    if (now == generation) {
      return {std::move(moment), generation};
    }
    generation = now;
  }
}

std::unique_ptr<state_write> make_stored_write(state_database database,
                                               std::shared_ptr<group_ownership> owner,
                                               std::uint64_t epoch) {
  return std::make_unique<stored_write>(std::move(database), std::move(owner), epoch);
}

}  // namespace troupe::persistence
