// stored_write: one batch over RocksDB, and who may commit it. Knows nothing of how a group's
// records are found and loaded; state_store does.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "persistence/group_state.hpp"
#include "persistence/state_keys.hpp"
#include "raft/types.hpp"

namespace rocksdb {
class DB;
}

namespace troupe::persistence {

/// Who may write a group's state, and how far it is. Shared by all openers of the group.
struct group_ownership {
  explicit group_ownership(raft::group_id id) : group(id) {}

  const raft::group_id group;
  std::mutex installing;     ///< one snapshot at a time; taken before the next one
  mutable std::mutex mutex;  ///< guards what follows it
  std::uint64_t epoch = 0;   ///< rises with each opener; older ones are fenced
  applied_state point;
  /// Changes under the mutex, when a snapshot is installed, and may be read without it. What the
  /// generation before holds is deleted only afterwards.
  std::atomic<raft::log_index> generation{};

  [[nodiscard]] state_generation current() const { return {group, generation.load()}; }
};

/// A batch of the opener that came with `epoch`, over the generation that is current now.
std::unique_ptr<state_write> make_stored_write(std::shared_ptr<rocksdb::DB> db,
                                               std::shared_ptr<group_ownership> owner,
                                               std::uint64_t epoch);

}  // namespace troupe::persistence
