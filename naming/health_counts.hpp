// health_counts: what the health checker shows of itself. Knows nothing of how it works.
#pragma once

#include <cstdint>

namespace troupe::naming {

struct health_counts {
  bool active = false;  ///< this node is the one that probes
  std::uint64_t instances = 0;
  std::uint64_t targets = 0;
  std::uint64_t open = 0;     ///< probes under way
  std::uint64_t waiting = 0;  ///< targets that are due and wait for their turn
  std::uint64_t probes = 0;   ///< since the start, as all below
  std::uint64_t flips = 0;    ///< committed
  std::uint64_t flips_failed = 0;
};

}  // namespace troupe::naming
