// node_figures: what a node counts while it runs, whichever of its actors are restarted meanwhile.
// Knows nothing of who asks.
#pragma once

#include <atomic>
#include <cstdint>

#include "actors/write_stages.hpp"
#include "groups/cluster_view.hpp"

namespace troupe::groups {

struct node_figures {
  actors::write_stages stages;
  std::atomic<std::uint64_t> made_way{0};  ///< leaderships that ended as the log's disk stalled
};

void show(const node_figures& figures, node_status& in);

}  // namespace troupe::groups
