// configuration: who takes part in a group, and how. Thesis §4 (membership), §4.2.1 (learners),
// §4.3 (joint consensus). Knows nothing of logs or messages; quorum.hpp counts votes over it.
#pragma once

#include <vector>

#include "raft/types.hpp"

namespace troupe::raft {

/// Each list is sorted and free of duplicates. While `outgoing` is not empty the group is in the
/// joint phase: decisions need a majority of `voters` and a majority of `outgoing`.
struct configuration {
  std::vector<node_id> voters;
  std::vector<node_id> outgoing;  ///< voters of the old configuration, joint phase only
  std::vector<node_id> learners;  ///< receive the log, never vote
  std::vector<node_id>
      learners_next;        ///< outgoing voters that become learners after the joint phase
  bool auto_leave = false;  ///< the leader proposes leaving the joint phase by itself

  [[nodiscard]] bool is_joint() const { return !outgoing.empty(); }
  [[nodiscard]] bool is_voter(node_id n) const;
  [[nodiscard]] bool is_learner(node_id n) const;
  [[nodiscard]] bool contains(node_id n) const { return is_voter(n) || is_learner(n); }

  /// Everyone that the log goes to, sorted, each once.
  [[nodiscard]] std::vector<node_id> members() const;

  friend bool operator==(const configuration&, const configuration&) = default;
};

/// A stable configuration of these voters; sorts and removes duplicates.
configuration make_configuration(std::vector<node_id> voters, std::vector<node_id> learners = {});

/// The stable configuration that a joint one leads to: the outgoing voters are gone, and those
/// among them that were to stay as learners now are.
configuration leave_joint(const configuration& joint);

}  // namespace troupe::raft
