// trouped_sweeping: when a server's naming groups are swept. Knows nothing of what is taken away.
#pragma once

#include <memory>

#include "groups/node.hpp"
#include "naming/catalogue.hpp"
#include "naming/periodic.hpp"

namespace troupe::apps {

/// Sweeps while this node leads, until what it returns is destroyed.
std::unique_ptr<naming::periodic> start_sweeping(const std::shared_ptr<node>& of,
                                                 std::shared_ptr<const naming::catalogue> swept,
                                                 raft::node_id id);

}  // namespace troupe::apps
