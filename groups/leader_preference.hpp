// leader_preference: which member of a group should rather lead, so that many groups spread over
// their nodes evenly. A wish and no more: whoever wins an election leads. Knows nothing of who is
// there.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raft/configuration.hpp"
#include "raft/types.hpp"

namespace troupe::groups {

/// The election priority of nodes that may lead at once; see node_options.
inline constexpr std::uint8_t priority_of_leaders = 4;

/// How many voters should lead rather than `self`, `without` left out: highest random weight, so
/// that what one node led is spread over all others when it is gone, and nothing else moves.
std::size_t leading_rank(raft::group_id group, const raft::configuration& peers, raft::node_id self,
                         raft::node_id without = {});

}  // namespace troupe::groups
