// log_recovery: opens the log's RocksDB after whatever happened to it: cuts a torn tail that nobody
// was promised, refuses anything else. Knows nothing of groups. docs/log-format.md tells the
// reasons.
#pragma once

#include <cstdint>
#include <memory>

#include "persistence/acknowledged_batch.hpp"
#include "persistence/log_store.hpp"
#include "persistence/status.hpp"
#include "raft/expected.hpp"

namespace rocksdb {
class DB;
}

namespace troupe::persistence {

struct recovered_log {
  std::shared_ptr<rocksdb::DB> db;
  std::unique_ptr<acknowledged_batch> acknowledged;
  std::uint64_t last_batch = 0;  ///< number of the last batch that the database holds
};

raft::expected<recovered_log, status> recover_log(const log_store_options& options);

}  // namespace troupe::persistence
