// group_state: one opener's access to the state of one group: what was applied, and the batches
// that carry it on. Knows nothing of RocksDB; state_store.hpp gives the durable form,
// memory_state.hpp one for tests.
#pragma once

#include <memory>
#include <optional>

#include "persistence/state.hpp"
#include "persistence/status.hpp"
#include "raft/configuration.hpp"
#include "raft/message.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

/// The last entry that a batch applies.
struct applied_change {
  raft::log_index index;
  raft::term term;
  /// Present when that entry is a configuration entry: it is committed from here on. Such an entry
  /// is the last of its batch, or a batch cut short would tell a configuration too early.
  std::optional<raft::configuration> peers;
};

/// Where the data of a group stand: the last entry applied and the configuration committed there.
/// Index and term are none for a new group, whose peers are the initial ones.
using applied_state = raft::snapshot_point;

/// The writes of one batch of entries: the processor's keys directly, the host's own records of the
/// group through own(). Not thread-safe.
class state_write : public state_batch {
 public:
  /// The host's records beside the processor's data, in a key space that no processor sees. Same
  /// batch, same savepoints.
  virtual state_batch& own() = 0;

  /// Marks the point that the next rollback() returns to; one before each entry. Only the latest
  /// counts; before the first it is the empty batch.
  virtual void set_savepoint() = 0;
  virtual void rollback() = 0;

  /// Writes everything together with the point applied. stalled: nothing written, call again later.
  /// fenced: a newer opener owns the group, or a snapshot has replaced its state. The index must be
  /// greater than the stored one, the term not less. Refused with the failure itself after a failed
  /// read. After success the batch is spent.
  virtual status commit(const applied_change& at) = 0;
};

/// One opener's access to one group. Thread-safe, but for the state_write objects it hands out.
class group_state {
 public:
  group_state() = default;
  group_state(const group_state&) = delete;
  group_state& operator=(const group_state&) = delete;
  virtual ~group_state() = default;

  [[nodiscard]] virtual applied_state point() const = 0;
  /// The index of point() alone.
  [[nodiscard]] virtual raft::log_index applied() const = 0;
  [[nodiscard]] virtual std::unique_ptr<state_write> begin() = 0;
  /// A consistent view of the committed state at the time of the call.
  [[nodiscard]] virtual std::unique_ptr<state_view> view() const = 0;
  /// The same of the host's own records.
  [[nodiscard]] virtual std::unique_ptr<state_view> own_view() const = 0;
};

}  // namespace troupe::persistence
