// log_recovery: opens the log after whatever happened to it: cuts a torn tail that nobody was
// promised, refuses anything else. docs/log-format.md tells the reasons.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "persistence/acknowledged_batch.hpp"
#include "persistence/log_contents.hpp"
#include "persistence/log_segments.hpp"
#include "persistence/log_store.hpp"
#include "persistence/status.hpp"
#include "raft/expected.hpp"

namespace troupe::persistence {

/// Held by one process, and once in it. Released when it ends.
class log_lock {
 public:
  static raft::expected<std::unique_ptr<log_lock>, status> take(rocksdb::Env& env,
                                                                const std::string& directory);
  ~log_lock();
  log_lock(const log_lock&) = delete;
  log_lock& operator=(const log_lock&) = delete;

 private:
  class held;
  explicit log_lock(std::unique_ptr<held> lock);
  std::unique_ptr<held> held_;
};

struct recovered_log {
  std::unique_ptr<log_lock> lock;
  std::unique_ptr<acknowledged_batch> acknowledged;
  log_contents contents;
  std::optional<segment_writer> writer;  ///< none until the first write needs a segment
  std::uint64_t last_batch = 0;
  segment_number next_segment = 1;
};

raft::expected<recovered_log, status> recover_log(rocksdb::Env& env, const std::string& directory);

}  // namespace troupe::persistence
