// memory_state: the state of one group in memory, for tests of processors: same answers as the
// durable form of state_store.hpp, no disk. Knows nothing of RocksDB. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "persistence/group_state.hpp"
#include "persistence/state.hpp"
#include "persistence/status.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

using memory_keys = std::map<std::string, std::string, std::less<>>;

/// A frozen copy of the committed keys.
class memory_view final : public state_view {
 public:
  explicit memory_view(memory_keys keys) : keys_(std::move(keys)) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override;

 private:
  memory_keys keys_;
};

/// Stands in for the group_state of one group. Keeps every rule that a processor can observe:
/// read-your-writes, rollback to the last savepoint, nothing visible before commit, fencing, and an
/// applied index that only rises. Must outlive the writes that it hands out.
class memory_state final : public group_state {
 public:
  memory_state() = default;
  explicit memory_state(raft::configuration initial) { point_.peers = std::move(initial); }

  [[nodiscard]] applied_state point() const override { return point_; }
  [[nodiscard]] raft::log_index applied() const override { return point_.index; }
  [[nodiscard]] std::unique_ptr<state_write> begin() override;
  [[nodiscard]] std::unique_ptr<state_view> view() const override;
  [[nodiscard]] std::unique_ptr<state_view> own_view() const override;

  /// As if another opener had taken the group over: commits answer fenced from now on.
  void fence() { fenced_ = true; }
  /// The next `count` commits answer stalled and write nothing.
  void stall(unsigned count) { stalls_ = count; }
  /// The processor's keys.
  [[nodiscard]] const memory_keys& keys() const { return keys_; }
  /// The host's records.
  [[nodiscard]] const memory_keys& own_keys() const { return own_keys_; }

 private:
  friend class memory_write;
  memory_keys keys_;
  memory_keys own_keys_;
  applied_state point_;
  bool fenced_ = false;
  unsigned stalls_ = 0;
};

/// The keys of one space in a batch.
class memory_batch final : public state_batch {
 public:
  explicit memory_batch(const memory_keys& committed) : keys_(committed), savepoint_(committed) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;

  void set_savepoint() { savepoint_ = keys_; }
  void rollback() { keys_ = savepoint_; }
  [[nodiscard]] const memory_keys& keys() const { return keys_; }

 private:
  memory_keys keys_;
  memory_keys savepoint_;  ///< before the first mark: the keys as they were at begin()
};

/// One batch over a memory_state. Works on a copy of the keys: tests are small, and a copy cannot
/// disagree with itself.
class memory_write final : public state_write {
 public:
  explicit memory_write(memory_state& target)
      : target_(&target), data_(target.keys_), own_(target.own_keys_) {}

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

  void set_savepoint() override {
    data_.set_savepoint();
    own_.set_savepoint();
  }
  void rollback() override {
    data_.rollback();
    own_.rollback();
  }
  status commit(const applied_change& at) override;

 private:
  memory_state* target_;
  memory_batch data_;
  memory_batch own_;
};

}  // namespace troupe::persistence
