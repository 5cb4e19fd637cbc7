// state_store: the data of all processors of a node in one RocksDB, a key prefix per group. Writes
// are not synced: the log is the durable truth, and the point applied rides in the same batch, so
// that replay after a crash is exact. Knows nothing of what processors store.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "persistence/group_state.hpp"
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
  std::uint64_t write_buffer_bytes = 64U << 20U;
  std::uint64_t block_cache_bytes = 64U << 20U;
  rocksdb::Env* env = nullptr;
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
  /// Writes memtables to disk; called on a clean stop so that the next start replays little.
  status flush();

 private:
  class impl;
  explicit state_store(std::shared_ptr<impl> held);
  std::shared_ptr<impl> impl_;
};

}  // namespace troupe::persistence
