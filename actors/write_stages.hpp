// write_stages: how long the stages of writes take on this node, over all its groups. Each is
// measured a batch at a time by whoever does it. Knows nothing of what is written.
#pragma once

#include "actors/latency_histogram.hpp"

namespace troupe::actors {

struct write_stages {
  latency_histogram queue;      ///< from its arrival at this node to its place in the log
  latency_histogram encode;     ///< entries on their way to one follower are made into bytes
  latency_histogram log;        ///< from being handed to the log writer to being durable here
  latency_histogram sync;       ///< of that, with the log store: of all groups together
  latency_histogram replicate;  ///< from its place in the log to being committed
  latency_histogram apply;      ///< from being committed to being applied here
  latency_histogram total;      ///< from its arrival to being applied
};

}  // namespace troupe::actors
