// node_figures: what a node counts while it runs, whichever of its actors are restarted meanwhile.
// Knows nothing of who asks.
#pragma once

#include <atomic>
#include <cstdint>

namespace troupe::groups {

struct node_figures {
  std::atomic<std::uint64_t> made_way{0};  ///< leaderships that ended as the log's disk stalled
};

}  // namespace troupe::groups
