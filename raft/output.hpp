// output: everything a core wants done since it was last asked. Each field has exactly one
// interpreter in the host (actors in production, a model in simulation).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "raft/entry.hpp"
#include "raft/message.hpp"
#include "raft/types.hpp"

namespace troupe::raft {

/// Raft figure 2, persistent state on all servers.
struct hard_state {
  raft::term term;
  node_id vote;  ///< none when the member has not voted in `term`
  friend bool operator==(const hard_state&, const hard_state&) = default;
};

enum class role : std::uint8_t { follower, pre_candidate, candidate, leader };

struct soft_state {
  raft::role role = role::follower;
  raft::term term;
  node_id leader;  ///< none when unknown
  friend bool operator==(const soft_state&, const soft_state&) = default;
};

/// One job for the log writer. Jobs of one core are performed in the order of their sequence; when
/// a job is durable its replies may leave and `core::log_stable(sequence)` must be called.
struct write {
  write_sequence sequence;
  std::optional<hard_state> hard;
  /// Replace the whole log and state by the snapshot at this point, before `entries`.
  std::optional<install_snapshot> snapshot;
  /// Consecutive. Whatever the log holds at or above the first index is replaced.
  raft::entries entries;
  /// Promises that rest on this write or an earlier one: they may leave only once it is durable.
  std::vector<message> replies;
};

/// Why entries are wanted from the log on disk.
enum class fetch_purpose : std::uint8_t { replicate, apply };

/// The host reads [first, last] from disk (it may return fewer, at least one, stopping after
/// `bytes_max`) and calls `core::fetched`.
struct fetch {
  fetch_purpose purpose = fetch_purpose::replicate;
  node_id to;  ///< the follower, when replicating
  log_index first;
  log_index last;
  std::uint64_t bytes_max = 0;
};

/// The follower needs entries that the log no longer holds: the host sends it a snapshot through
/// `core::snapshot_ready` or reports `core::snapshot_finished(to, false)`.
struct snapshot_wanted {
  node_id to;
};

/// The read may be served once everything up to `index` is applied.
struct read_ready {
  read_id id;
  log_index index;
};

struct output {
  std::optional<raft::write> write;
  std::vector<message> messages;  ///< may leave at once, before `write` is durable
  entries committed;              ///< to apply, consecutive, each handed out once
  std::vector<fetch> fetches;
  std::vector<snapshot_wanted> snapshots;
  std::vector<read_ready> reads;
  std::vector<read_id> reads_failed;     ///< leadership or contact lost: retry is safe
  std::optional<raft::soft_state> soft;  ///< present when it changed
  std::optional<node_id> makes_way_to;   ///< leadership is handed over as our storage stalls

  [[nodiscard]] bool empty() const {
    return !write && messages.empty() && committed.empty() && fetches.empty() &&
           snapshots.empty() && reads.empty() && reads_failed.empty() && !soft && !makes_way_to;
  }
};

}  // namespace troupe::raft
