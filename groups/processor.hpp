// processor: what a user writes: how the committed commands of one group change its state, and how
// queries read it. Knows nothing of Raft messages, disks or threads.
#pragma once

#include <string>
#include <string_view>

#include "actors/processing.hpp"
#include "codec/error.hpp"
#include "persistence/state.hpp"
#include "raft/types.hpp"

namespace troupe {

/// Derive from it and hand it to node::add(): the group `group()` then exists on every node.
class processor {
 public:
  processor() = default;
  processor(const processor&) = delete;
  processor& operator=(const processor&) = delete;
  virtual ~processor() = default;

  /// Name of the Raft group: a letter, then letters, digits, '_' or '-'; at most 64 bytes.
  [[nodiscard]] virtual std::string group() const = 0;

  /// Applies one committed command. Deterministic: no clock, chance, environment; the proposer
  /// stamps such things into the command. An exception counts as a refusal. Never called at the
  /// same time as itself.
  virtual reply apply(const command& entry, persistence::state_batch& batch) = 0;

  /// Answers a query. May run at the same time as apply and other queries; sees committed state.
  [[nodiscard]] virtual reply query(std::string_view request,
                                    const persistence::state_view& view) const = 0;

  /// True when answering may visit many keys: then it runs in the query pool, not beside apply.
  [[nodiscard]] virtual bool query_may_scan(std::string_view request) const {
    static_cast<void>(request);
    return false;
  }

  /// True when apply or query may block (sleep, call another service): the processor then gets a
  /// thread of its own. One that blocks without saying so holds up sockets.
  [[nodiscard]] virtual bool may_block() const { return false; }

  /// True when it does no harm that followers hear of a commit with the next entries, or after a
  /// fifth of a heartbeat: local reads there are older by so much, and a single writer causes fewer
  /// messages. Linearizable reads are not affected.
  [[nodiscard]] virtual bool followers_may_lag() const { return false; }

  // Hooks; all run in the processor's actor, never at the same time as apply.
  virtual void loaded(const persistence::state_view& view) { static_cast<void>(view); }
  /// What apply wrote since the last call is in the state now; before anybody hears an answer.
  virtual void committed() {}
  virtual void leader_started(raft::term term) { static_cast<void>(term); }
  virtual void leader_stopped() {}
  virtual void member_changed(const member_state& state) { static_cast<void>(state); }
  virtual void failed(const error& why) { static_cast<void>(why); }
};

}  // namespace troupe
