// load_options: what one run of load is made of. Knows nothing of how it is produced.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::bench {

struct load_options {
  std::vector<std::string> endpoints;  ///< host:port; none where the nodes are our own
  std::string group = "kv";
  std::size_t clients = 64;  ///< callers, each with one request under way
  std::chrono::milliseconds warmup{1'000};
  std::chrono::milliseconds measured{5'000};
  std::chrono::milliseconds request_timeout{10'000};
  std::size_t value_bytes = 256;
  std::uint64_t keys = 10'000;
  double reads = 0;          ///< fraction of requests that read
  bool leader_only = false;  ///< HTTP: only the node that leads, not all in turn
  std::size_t threads = 1;   ///< of the native client
};

}  // namespace troupe::bench
