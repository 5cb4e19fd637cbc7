// stored_write: one batch over a group's state, and who may commit it. Knows nothing of how a
// group's records are found and loaded; state_store does.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "persistence/group_state.hpp"
#include "persistence/held_writes.hpp"
#include "persistence/state_keys.hpp"
#include "persistence/stored_view.hpp"
#include "persistence/write_back.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

/// Who may write a group's state, and how far it is. Shared by all openers of the group.
struct group_ownership {
  explicit group_ownership(raft::group_id id) : group(id) {}

  const raft::group_id group;
  /// Committed, and not yet in the database. Its keys name their generation.
  const std::shared_ptr<held_writes> held = std::make_shared<held_writes>();
  std::mutex installing;     ///< one snapshot at a time; taken before the next one
  mutable std::mutex mutex;  ///< guards what follows it
  std::uint64_t epoch = 0;   ///< rises with each opener; older ones are fenced
  applied_state point;
  /// Changes under the mutex, when a snapshot is installed, and may be read without it. What the
  /// generation before holds is deleted only afterwards.
  std::atomic<raft::log_index> generation{};

  [[nodiscard]] state_generation current() const { return {group, generation.load()}; }
};

/// Where the state of all groups lies.
struct state_database {
  std::shared_ptr<rocksdb::DB> db;
  std::shared_ptr<write_back> writer;
};

/// A moment of the generation that is current at it, which is answered, too.
std::pair<std::unique_ptr<stored_moment>, state_generation> moment_of(
    const state_database& database, const group_ownership& owner);

/// A batch of the opener that came with `epoch`, over the generation that is current now.
std::unique_ptr<state_write> make_stored_write(state_database database,
                                               std::shared_ptr<group_ownership> owner,
                                               std::uint64_t epoch);

}  // namespace troupe::persistence
