// stored_view: reads of one group's keys out of RocksDB, from a snapshot or as they stand. Knows
// nothing of batches and applied indexes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/state.hpp"
#include "raft/types.hpp"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace troupe::persistence {

/// The committed state of the group as it is now; keeps the database open while it lives.
std::unique_ptr<state_view> make_stored_view(std::shared_ptr<rocksdb::DB> db, raft::group_id group);

/// Where a scan of processor keys runs in the store's key space: [start, end).
struct scan_range {
  std::string start;
  std::string end;
};

/// Nothing when no key can match.
std::optional<scan_range> range_of(std::string_view data_prefix, std::string_view prefix,
                                   std::string_view from);

}  // namespace troupe::persistence
