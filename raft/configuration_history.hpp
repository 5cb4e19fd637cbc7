// configuration_history: which configuration each part of the log brought. A configuration is in
// force from the moment its entry is appended (Thesis §4.1), so truncation must bring back the one
// before. Knows nothing of quorums or roles.
#pragma once

#include <utility>
#include <vector>

#include "raft/configuration.hpp"
#include "raft/types.hpp"

namespace troupe::raft {

class configuration_history {
 public:
  configuration_history(log_index index, configuration peers) { reset(index, std::move(peers)); }

  [[nodiscard]] const configuration& latest() const { return held_.back().second; }
  [[nodiscard]] log_index latest_index() const { return held_.back().first; }

  /// Whether any configuration that may still be in force, the newest committed one or one behind
  /// it, has this voter.
  [[nodiscard]] bool may_have_voter(node_id n) const;

  /// Whether it is known who belonged to the group at `index`, which is committed. False may be
  /// said of an index before the newest committed configuration.
  [[nodiscard]] bool knows_at(log_index index) const {
    const auto& [from, peers] = held_.front();
    return from <= index && !peers.voters.empty();
  }

  void append(log_index index, configuration peers);
  /// True when the configuration in force changed.
  bool truncate_from(log_index index);
  /// What is committed is never truncated: only the newest committed configuration is kept.
  void committed(log_index index);
  void reset(log_index index, configuration peers);

 private:
  std::vector<std::pair<log_index, configuration>> held_;  ///< ascending, never empty
};

}  // namespace troupe::raft
