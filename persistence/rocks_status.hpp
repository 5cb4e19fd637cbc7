// rocks_status: RocksDB's outcomes in our words. Knows nothing of what was read or written.
#pragma once

#include <string_view>

#include "persistence/status.hpp"

namespace rocksdb {
class Status;
}

namespace troupe::persistence {

/// `doing` and `path` go into the message: "write /data/log: No space left on device".
status to_status(const rocksdb::Status& outcome, std::string_view doing, std::string_view path);

}  // namespace troupe::persistence
