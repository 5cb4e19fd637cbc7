// memory_state: the state of one group in memory, for tests of processors: same answers as the
// durable form of state_store.hpp, no disk. Knows nothing of RocksDB. Not thread-safe; views may be
// read and released on other threads.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "persistence/group_state.hpp"
#include "persistence/state.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

using memory_keys = std::map<std::string, std::string, std::less<>>;
/// What a batch makes of the committed keys; nullopt: the key is erased.
using memory_changes = std::map<std::string, std::optional<std::string>, std::less<>>;

/// Visits keys as state_view::scan does. The visitor may not change `keys`.
void scan_keys(const memory_keys& keys, std::string_view prefix, std::string_view from,
               const key_visitor& visit);

/// The committed keys of one space. A view costs nothing when it is made; a commit copies the keys
/// if somebody still holds a view of them, and otherwise costs what it changes.
class memory_space {
 public:
  [[nodiscard]] const memory_keys& keys() const { return now_->keys; }
  /// The keys as they are at this moment, whatever follows.
  [[nodiscard]] std::unique_ptr<state_view> view() const;
  void apply(memory_changes changes);

 private:
  friend class memory_view;
  struct version {
    memory_keys keys;
    /// Not shared_ptr's count, which orders nothing: a commit must come after the last read of
    /// views that were released on another thread.
    mutable std::atomic<std::size_t> views = 0;
  };
  std::shared_ptr<version> now_ = std::make_shared<version>();
};

/// A batch over the keys of one space, which must outlive it: what it changes lies over them.
class memory_batch final : public state_batch {
 public:
  explicit memory_batch(const memory_space& committed) : committed_(&committed) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
  /// In portions, as the durable form: the visitor may write to this batch.
  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;

  void set_savepoint();
  void rollback();
  /// What the batch changes; none is left in it.
  [[nodiscard]] memory_changes take_changes();

 private:
  using pairs = std::vector<std::pair<std::string, std::string>>;
  /// A key of the batch before it was written; nullopt: the batch did not change it.
  struct undo {
    std::string key;
    std::optional<memory_changes::mapped_type> before;
  };
  [[nodiscard]] pairs next_pairs(std::string_view prefix, std::string_view start,
                                 std::size_t count_max) const;
  void remember(std::string_view key, memory_changes::const_iterator at);

  const memory_space* committed_;
  memory_changes changes_;
  bool is_marked_ = false;
  std::vector<undo> since_mark_;  ///< in the order of the writes; stays empty before the first mark
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
  [[nodiscard]] std::unique_ptr<state_view> view() const override { return data_.view(); }
  [[nodiscard]] std::unique_ptr<state_view> own_view() const override { return own_.view(); }

  /// As if another opener had taken the group over: commits answer fenced from now on.
  void fence() { fenced_ = true; }
  /// The next `count` commits answer stalled and write nothing.
  void stall(unsigned count) { stalls_ = count; }
  /// The processor's keys.
  [[nodiscard]] const memory_keys& keys() const { return data_.keys(); }
  /// The host's records.
  [[nodiscard]] const memory_keys& own_keys() const { return own_.keys(); }

 private:
  friend class memory_write;
  memory_space data_;
  memory_space own_;
  applied_state point_;
  bool fenced_ = false;
  unsigned stalls_ = 0;
};

}  // namespace troupe::persistence
