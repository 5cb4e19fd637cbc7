// state_loading: what the state store knows of a group when it is opened: its generation, the point
// applied, its configuration. Knows nothing of who opens it, and of data.
#pragma once

#include <memory>

#include "persistence/status.hpp"
#include "persistence/stored_write.hpp"
#include "raft/configuration.hpp"
#include "raft/expected.hpp"

namespace troupe::persistence {

/// A group that is new to the store gets `initial`. Deletes what an installation of a snapshot left
/// that was cut short. corrupt when a record is damaged, or missing beside one that proves it.
raft::expected<std::shared_ptr<group_ownership>, status> load_ownership(
    rocksdb::DB& db, raft::group_id group, const raft::configuration& initial);

}  // namespace troupe::persistence
