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
  std::size_t groups = 1;  ///< more than one: those of group_names(), loaded in turn
  std::size_t clients = 64;
  std::size_t depth = 1;  ///< requests that each client keeps under way
  /// Requests a second, due at fixed times whatever becomes of them: an open loop. 0: a closed one,
  /// each answer makes the next request.
  double rate = 0;
  std::chrono::milliseconds warmup{1'000};
  std::chrono::milliseconds measured{5'000};
  std::chrono::milliseconds request_timeout{10'000};
  std::size_t value_bytes = 256;
  std::uint64_t keys = 10'000;
  double reads = 0;                   ///< fraction of requests that read
  bool local_reads = false;           ///< reads are of the asked node's own view
  bool fill = false;                  ///< every key is written before, so that reads find it
  bool leader_only = false;           ///< HTTP: only the node that leads, not all in turn
  bool progress = false;              ///< a line a second on stderr
  std::size_t threads = 1;            ///< of the native client

  /// Requests under way at a time, at the most. In an open loop, what is due beyond waits.
  [[nodiscard]] std::size_t outstanding_max() const { return clients * depth; }
};

constexpr std::size_t outstanding_limit = 1'000'000;

/// `group` alone, or `group`-0, `group`-1, … when there are several.
[[nodiscard]] std::vector<std::string> group_names(const load_options& options);

/// What a target (native, http, local, inprocess) cannot do of this, naming the option; empty when
/// it can do everything.
[[nodiscard]] std::string complaint(const std::string& target, const load_options& options);

constexpr double overload_factor = 4;

/// The open loop that asks for `overload_factor` times what was the peak, and holds sixteen times
/// as many requests under way, so that it is the nodes that are asked for too much.
[[nodiscard]] load_options overload_of(const std::string& target, const load_options& options,
                                       double peak_per_second);

}  // namespace troupe::bench
