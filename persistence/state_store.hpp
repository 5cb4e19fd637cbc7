// state_store: the data of all processors of a node in one RocksDB, a key prefix per group. Writes
// are not synced: the log is the durable truth, and the applied index rides in the same batch, so
// that replay after a crash is exact. Knows nothing of what processors store.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "persistence/state.hpp"
#include "persistence/status.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace rocksdb {
class Env;
}

namespace troupe::persistence {

struct state_store_options {
  std::string path;
  std::uint64_t write_buffer_bytes = 64U << 20U;
  std::uint64_t block_cache_bytes = 64U << 20U;
  rocksdb::Env* env = nullptr;
};

/// The writes of one batch of entries. Not thread-safe.
class state_write : public state_batch {
 public:
  /// Marks the point that the next rollback() returns to; one before each entry. Only the latest
  /// counts; before the first it is the empty batch.
  virtual void set_savepoint() = 0;
  virtual void rollback() = 0;
  /// Writes everything together with `applied`. stalled: nothing written, call again later. fenced:
  /// a newer opener owns the group. `applied` must be greater than the stored one. Refused with the
  /// failure itself after a failed read. After success the batch is spent.
  virtual status commit(raft::log_index applied) = 0;
};

/// One opener's access to one group. Thread-safe, but for the state_write objects it hands out.
class group_state {
 public:
  group_state() = default;
  group_state(const group_state&) = delete;
  group_state& operator=(const group_state&) = delete;
  virtual ~group_state() = default;

  /// The index that the group's data stands at; none for a new group.
  [[nodiscard]] virtual raft::log_index applied() const = 0;
  [[nodiscard]] virtual std::unique_ptr<state_write> begin() = 0;
  /// A consistent view of the committed state at the time of the call.
  [[nodiscard]] virtual std::unique_ptr<state_view> view() const = 0;
};

/// Whatever the store hands out keeps the database open, and with it locked, until it is released.
class state_store {
 public:
  static raft::expected<std::unique_ptr<state_store>, status> open(
      const state_store_options& options);
  ~state_store();
  state_store(const state_store&) = delete;
  state_store& operator=(const state_store&) = delete;

  /// Takes the group over: commits through group_state objects opened earlier are fenced.
  raft::expected<std::shared_ptr<group_state>, status> open_group(raft::group_id group);
  /// Writes memtables to disk; called on a clean stop so that the next start replays little.
  status flush();

 private:
  class impl;
  explicit state_store(std::shared_ptr<impl> held);
  std::shared_ptr<impl> impl_;
};

}  // namespace troupe::persistence
