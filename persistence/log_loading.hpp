// log_loading: reads one group's log back from RocksDB: its outline without its entries, and
// entries with every check that a record allows. Knows nothing of writes and threads.
#pragma once

#include <functional>

#include "persistence/group_log.hpp"
#include "persistence/status.hpp"
#include "raft/core.hpp"
#include "raft/entry.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace rocksdb {
class DB;
}

namespace troupe::persistence {

struct loaded_group {
  bool known = false;  ///< false: nothing is stored of the group, or no configuration yet
  raft::restored_state state;
  group_log outline;
};

/// A few seeks, whatever the length of the log. Says corrupt, and where, when the records do not
/// fit together: a missing first or last entry, a lost term start, configuration or hard state.
raft::expected<loaded_group, status> load_group(rocksdb::DB& db, raft::group_id group);

struct read_range {
  raft::group_id group;
  raft::log_index first;
  raft::log_index last;
  std::uint64_t bytes_max = 0;
};

/// True when the log must hold this index; asked when an entry is not found.
using held_check = std::function<bool(raft::log_index)>;

/// Entries from range.first on, at least one. An entry that is missing although `is_held` is a
/// hole: corrupt; one that need not be there ends the answer, or is absent when it is the first.
raft::expected<raft::entries, status> read_entries(rocksdb::DB& db, const read_range& range,
                                                   const held_check& is_held);

}  // namespace troupe::persistence
