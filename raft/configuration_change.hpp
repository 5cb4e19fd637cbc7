// configuration_change: what a membership change asks for, and the configuration that it leads to.
// Thesis §4.1 (one voter at a time), §4.3 (joint consensus). Knows nothing of logs and roles.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "raft/bytes.hpp"
#include "raft/configuration.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::raft {

enum class change_kind : std::uint8_t {
  add_voter,    ///< a learner becomes a voter
  add_learner,  ///< a voter becomes a learner
  remove,
  update,  ///< the members stay as they are; only the context is news
};

struct member_change {
  change_kind kind = change_kind::update;
  node_id id;
};

enum class joint_transition : std::uint8_t {
  automatic,       ///< one change in one step; several as `implicit`
  implicit,        ///< a joint phase, which the leader ends by itself
  explicit_leave,  ///< a joint phase, which lasts until an empty change is proposed
};

struct configuration_change {
  joint_transition transition = joint_transition::automatic;
  std::vector<member_change> changes;  ///< empty: leave the joint phase
  bytes context;                       ///< becomes the data of the entry
};

/// The configuration that follows `now`, or why there is none: the change names no member, leaves
/// no voter, begins a joint phase inside of one or ends none.
expected<configuration, std::string> next_configuration(const configuration& now,
                                                        const configuration_change& change);

}  // namespace troupe::raft
