// roster_keeper: writes the roster to disk when it changes, so that a node that was removed or
// wiped is known as such after a restart.
//
//   accepts  nodes_changed
//   blocks   yes: detached
//   bound    changes that come while it writes are written together, once
//   fails    a failed write is logged: what was not remembered is learnt again
#pragma once

#include <memory>
#include <string>

#include "groups/messages.hpp"
#include "groups/roster.hpp"

namespace troupe::groups {

roster_keeper_actor spawn_roster_keeper(caf::actor_system& system, std::string path,
                                        std::shared_ptr<const roster> nodes);

/// What the keeper wrote; empty when there is nothing yet. Fails with the reason.
raft::expected<codec::known_nodes, std::string> read_roster(const std::string& path);

}  // namespace troupe::groups
