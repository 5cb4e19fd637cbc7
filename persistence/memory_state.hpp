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

#include "persistence/state.hpp"
#include "persistence/state_store.hpp"
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
  [[nodiscard]] raft::log_index applied() const override { return applied_; }
  [[nodiscard]] std::unique_ptr<state_write> begin() override;
  [[nodiscard]] std::unique_ptr<state_view> view() const override;

  /// As if another opener had taken the group over: commits answer fenced from now on.
  void fence() { fenced_ = true; }
  /// The next `count` commits answer stalled and write nothing.
  void stall(unsigned count) { stalls_ = count; }
  [[nodiscard]] const memory_keys& keys() const { return keys_; }

 private:
  friend class memory_write;
  memory_keys keys_;
  raft::log_index applied_;
  bool fenced_ = false;
  unsigned stalls_ = 0;
};

/// One batch over a memory_state. Works on a copy of the keys: tests are small, and a copy cannot
/// disagree with itself.
class memory_write final : public state_write {
 public:
  explicit memory_write(memory_state& target)
      : target_(&target), keys_(target.keys_), savepoint_(target.keys_) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;

  void set_savepoint() override { savepoint_ = keys_; }
  void rollback() override { keys_ = savepoint_; }
  status commit(raft::log_index applied) override;

 private:
  memory_state* target_;
  memory_keys keys_;
  memory_keys savepoint_;  ///< before the first mark: the keys as they were at begin()
};

}  // namespace troupe::persistence
