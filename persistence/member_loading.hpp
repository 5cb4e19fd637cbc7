// member_loading: what both stores hold of one group, brought into agreement after a crash. Knows
// nothing of actors and cores.
#pragma once

#include <memory>

#include "persistence/log_store.hpp"
#include "persistence/state_store.hpp"

namespace troupe::persistence {

struct stored_member {
  raft::restored_state restored;
  std::shared_ptr<group_state> data;
  std::uint64_t log_bytes = 0;
};

/// Opens the group in both. A snapshot is installed in the state first and in the log behind it:
/// where the state is ahead of the log, or the log holds another term there, the log begins behind
/// the state's last entry. Says corrupt when the log begins behind what the state holds: entries
/// are missing then.
raft::expected<stored_member, status> load_member(log_store& log, state_store& states,
                                                  raft::group_id group,
                                                  const raft::configuration& initial);

}  // namespace troupe::persistence
