// log_store: the logs and hard states of all groups of a node in one row of segment files; one
// synced write for everything that is queued. Format: docs/log-format.md. Blocks; meant for
// detached actors. All methods may be called from any thread; writes are made by one thread at a
// time, and reads do not wait for them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "persistence/status.hpp"
#include "raft/core.hpp"
#include "raft/entry.hpp"
#include "raft/expected.hpp"
#include "raft/output.hpp"
#include "raft/types.hpp"

namespace rocksdb {
class Env;
}

namespace troupe::persistence {

struct log_store_options {
  std::string path;  ///< directory; created when missing
  /// A segment ends before it exceeds this; at most 1 GiB. Space is given back by whole segments.
  std::uint64_t segment_bytes = 64U << 20U;
  rocksdb::Env* env = nullptr;  ///< tests inject faults; null = the system's
};

struct group_write {
  raft::group_id group;
  const raft::write* write = nullptr;  ///< replies are not looked at
};

class log_store {
 public:
  /// Reads the whole log. Fails with corrupt, mismatch (format version), locked, no_space or
  /// io_error.
  static raft::expected<std::unique_ptr<log_store>, status> open(const log_store_options& options);
  ~log_store();
  log_store(const log_store&) = delete;
  log_store& operator=(const log_store&) = delete;

  /// Performs the writes in order as one frame, all or nothing, with one sync. Writes that hold
  /// only replies cost nothing. After io_error or no_space nothing may be written any more
  /// (fail-stop).
  status append(std::span<const group_write> writes);

  /// What the store knows of the group. A group that never wrote anything gets `initial` as its
  /// configuration at index 0, durable with its first write: before that it has promised nobody
  /// anything. `applied` is left 0.
  raft::expected<raft::restored_state, status> load(raft::group_id group,
                                                    const raft::configuration& initial);

  /// Entries [first, last], verified by their checksums; stops after bytes_max, at least one. May
  /// end earlier where the log does; absent when it does not, or no longer, hold `first`.
  raft::expected<raft::entries, status> read(raft::group_id group, raft::log_index first,
                                             raft::log_index last, std::uint64_t bytes_max) const;

  /// Forgets entries up to and including `index`, which must be in the durable state. Nothing to do
  /// when they are forgotten already; corrupt behind the end of the log.
  status compact(raft::group_id group, raft::log_index index);
  /// What the group's entries take on disk.
  [[nodiscard]] std::uint64_t bytes(raft::group_id group) const;

 private:
  class impl;
  explicit log_store(std::unique_ptr<impl> held);
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe::persistence
