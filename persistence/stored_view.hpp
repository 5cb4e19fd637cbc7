// stored_view: reads of the keys of one space out of RocksDB, as they were at one moment. Knows
// nothing of batches, generations and applied indexes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/state.hpp"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace troupe::persistence {

/// The committed keys that begin with `space_prefix`, as they are now; keeps the database open
/// while it lives.
std::unique_ptr<state_view> make_stored_view(std::shared_ptr<rocksdb::DB> db,
                                             std::string space_prefix);

/// Where a scan of one space runs in the store's key space: [start, end).
struct scan_range {
  std::string start;
  std::string end;
};

/// Nothing when no key can match.
std::optional<scan_range> range_of(std::string_view space_prefix, std::string_view prefix,
                                   std::string_view from);

}  // namespace troupe::persistence
