// state_store: the data of all processors of a node in one RocksDB, a key prefix per group. A
// commit is visible at once and reaches RocksDB within write_pause_max, not synced: the log is the
// durable truth, and the point applied rides in the same batch, so that replay after a crash is
// exact. Knows nothing of what processors store.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "persistence/group_state.hpp"
#include "persistence/state_transfer.hpp"
#include "persistence/status.hpp"
#include "raft/configuration.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace rocksdb {
class Env;
}

namespace troupe::persistence {

struct state_store_options {
  std::string path;
  /// Small: what is written stays in the caches of the CPU.
  std::uint64_t write_buffer_bytes = 8U << 20U;
  std::uint64_t block_cache_bytes = 64U << 20U;
  rocksdb::Env* env = nullptr;
  std::uint64_t snapshot_table_bytes = 64U << 20U;  ///< an exported table ends behind so many
  /// Committed and not yet written, over all groups; beyond it commits are told to wait.
  std::uint64_t held_bytes_max = 64U << 20U;
  std::chrono::milliseconds write_pause_max{500};  ///< how long a commit may stay in memory only
  /// From so many bytes on, what is written at once is a table and not a batch: it costs less, but
  /// for some files and two syncs that come with it.
  std::uint64_t write_table_bytes_min = 1U << 20U;
};

/// Whatever the store hands out keeps the database open, and with it locked, until it is released.
class state_store {
 public:
  static raft::expected<std::unique_ptr<state_store>, status> open(
      const state_store_options& options);
  ~state_store();
  state_store(const state_store&) = delete;
  state_store& operator=(const state_store&) = delete;

  /// Takes the group over: commits through group_state objects opened earlier are fenced. A group
  /// that is new to the store gets `initial` as its configuration, which must be the one that its
  /// log begins with.
  raft::expected<std::shared_ptr<group_state>, status> open_group(
      raft::group_id group, const raft::configuration& initial);
  /// Writes memtables to disk; called on a clean stop so that the next start replays little, and
  /// before a log is cut.
  status flush();
  /// What the group's state had applied when it was last flushed: no crash takes that away.
  [[nodiscard]] raft::log_index durable_applied(raft::group_id group) const;

  /// The state of an open group as it is now, as files in `directory`, which must not exist and
  /// appears when it is complete and durable. Writers are not held up. absent when nothing was
  /// applied yet, mismatch when the directory exists.
  raft::expected<snapshot_manifest, status> export_snapshot(raft::group_id group,
                                                            const std::string& directory);
  /// Replaces the state of an open group by the snapshot in `directory`, whose files are used up. A
  /// crash at any point leaves the old state or the new one. Who opened the group before is fenced;
  /// views that are held stay what they are. corrupt: the snapshot is damaged or of another group;
  /// mismatch: it is not ahead of the state. Then nothing was changed.
  status install_snapshot(raft::group_id group, const std::string& directory);
  /// Tells replicas apart that ought to be the same.
  raft::expected<content, status> content_of(raft::group_id group) const;

 private:
  class impl;
  explicit state_store(std::shared_ptr<impl> held);
  std::shared_ptr<impl> impl_;
};

}  // namespace troupe::persistence
