// storage: what a node's disks hold, as a model. The log of a member is what was synced; a state
// store holds more than it would keep at a crash. Knows nothing of cores and of when to write.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "raft/core.hpp"
#include "tests/simulation/replicated_state.hpp"
#include "tests/simulation/violation.hpp"

namespace troupe::simulation {

/// The synced log of one member.
class log_image {
 public:
  explicit log_image(raft::snapshot_point begins) : base_(std::move(begins)) {
    hard_.term = base_.term;
  }

  void perform(const raft::write& w);
  void compact_to(raft::log_index index);
  [[nodiscard]] raft::restored_state restored() const;

  [[nodiscard]] const raft::hard_state& hard() const { return hard_; }
  [[nodiscard]] const raft::snapshot_point& base() const { return base_; }
  [[nodiscard]] raft::log_index last() const { return base_.index + (entries_.size() - gone_); }
  /// None outside of [base, last].
  [[nodiscard]] raft::term term_at(raft::log_index index) const;
  /// Null outside of (base, last].
  [[nodiscard]] raft::entry_ptr at(raft::log_index index) const;
  /// Whether the member has the entry, or a snapshot that covers it.
  [[nodiscard]] bool holds(raft::log_index index, raft::term t) const {
    return index <= base_.index || term_at(index) == t;
  }
  [[nodiscard]] const raft::configuration& peers_at(raft::log_index index) const;

 private:
  raft::hard_state hard_;
  raft::snapshot_point base_;
  raft::entries entries_;  ///< behind the base, but for the first `gone_`
  std::size_t gone_ = 0;
};

/// The applied state of one member: writes are visible at once and durable when flushed.
class state_store {
 public:
  explicit state_store(raft::snapshot_point begins) : now_(begins), flushed_(std::move(begins)) {}

  [[nodiscard]] const replicated_state& now() const { return now_; }
  [[nodiscard]] const replicated_state& flushed() const { return flushed_; }

  /// Data and applied index in one batch.
  replicated_state::effect apply(const raft::entry_ptr& e);
  void flush();
  /// Durable when it returns, as files moved into place are.
  void install(replicated_state imported);
  /// A crash keeps `kept` of the entries applied since the flush. Returns how many are lost.
  std::uint64_t fall_back(std::uint64_t kept);
  [[nodiscard]] std::uint64_t unsynced() const { return since_.size(); }

 private:
  replicated_state now_;
  replicated_state flushed_;
  raft::entries since_;
};

/// A snapshot that arrived whole and is durable beside the state.
struct staged_snapshot {
  raft::snapshot_point point;
  std::shared_ptr<const std::string> content;
};

}  // namespace troupe::simulation
