// member: one core of a script's group with the storage that it stands on: what is durable, what is
// asked for and not yet done, and a processor that keeps all commands in one text. Knows nothing of
// other members.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "raft/core.hpp"
#include "tests/raft/host.hpp"
#include "tests/raft/invariants/invariants.hpp"

namespace troupe::raft::script {

using testing::disk;

struct member_setup {
  core_options options;
  bool is_async = false;         ///< writes and applies wait for process-append-thread and -apply-
  bool holds_snapshots = false;  ///< snapshots wait for provide-snapshot
  disk held;
  std::string content;  ///< the state at `held.applied`
};

class member {
 public:
  explicit member(member_setup setup);

  /// Begins to run from what is durable.
  void start() { machine.emplace(options, durable.restore()); }
  /// Everything that is not durable is gone.
  void stop();
  /// The state store is not synced: after a crash it may hold less.
  void fall_back_to(log_index applied);
  void apply(const entries& committed);
  void perform(const write& w);
  [[nodiscard]] install_snapshot snapshot() const;
  [[nodiscard]] const std::string& content() const { return history_.back().content; }
  [[nodiscard]] testing::node_view view() const {
    return {options.self, machine ? &*machine : nullptr, &durable};
  }
  [[nodiscard]] node_id id() const { return options.self; }

  core_options options;
  bool is_async;
  bool holds_snapshots;
  bool fails_next_append = false;
  bool keeps_failed_append = false;  ///< the write that failed reached the disk all the same
  disk durable;
  std::optional<core> machine;  ///< none while it is down
  std::deque<write> appends;    ///< asked for
  std::deque<entries> applies;  ///< handed out
  std::vector<configuration_change> kept_changes;
  log_index first_of_term;  ///< the leader's first entry of its term

  // What the transcript has told of it.
  soft_state told;
  log_index told_commit;

 private:
  struct version {
    log_index index;
    std::string content;
  };
  std::vector<version> history_;
};

}  // namespace troupe::raft::script
