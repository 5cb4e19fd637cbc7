// processor: what a user writes: how the committed commands of one group change its state, and how
// queries read it. Knows nothing of Raft messages, disks or threads.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "codec/error.hpp"
#include "persistence/state.hpp"
#include "raft/bytes.hpp"
#include "raft/types.hpp"

namespace troupe {

/// What a processor may know of the member it serves. For display and decisions outside apply only:
/// apply must give the same result on every node.
struct member_state {
  std::string group;
  raft::node_id node;
  raft::term term;              ///< none until the first leader is known
  bool is_leader = false;
  std::string leader_address;   ///< host:port of the leader's peer address; "unknown" until known
};

/// A committed command as apply sees it: identical on every node.
struct command {
  raft::log_index index;
  raft::term term;
  raft::bytes data;
};

/// The answer of a processor. `success = false` is a business refusal: it reaches the caller as
/// error_code::refused with `error` as its message, and nothing that apply wrote is kept.
struct reply {
  bool success = true;
  std::string data;
  std::string error;

  static reply ok(std::string data = {}) { return {true, std::move(data), {}}; }
  static reply refused(std::string why) { return {false, {}, std::move(why)}; }
};

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

  // Hooks; all run in the processor's actor, never at the same time as apply.
  virtual void loaded(const persistence::state_view& view) { static_cast<void>(view); }
  virtual void leader_started(raft::term term) { static_cast<void>(term); }
  virtual void leader_stopped() {}
  virtual void member_changed(const member_state& state) { static_cast<void>(state); }
  virtual void failed(const error& why) { static_cast<void>(why); }
};

}  // namespace troupe
