// bench_node: one node of the library with many key-value groups, as a process of its own for
// measurements that start, watch and kill nodes. Tells when it is ready and, when asked, how its
// groups stand. Knows nothing of the load.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "groups/node.hpp"
#include "raft/expected.hpp"

namespace troupe::bench {

/// The groups are load-0, load-1, …
[[nodiscard]] std::string load_group_name(std::size_t number);

/// How the groups of one node stand.
struct groups_summary {
  std::size_t groups = 0;
  std::size_t leading = 0;  ///< of these, led by this node
  std::size_t without_leader = 0;
  std::size_t quiesced = 0;
  std::uint64_t terms = 0;  ///< of all groups together: what it rises by is elections
  friend bool operator==(const groups_summary&, const groups_summary&) = default;
};

class bench_node {
 public:
  /// All groups exist when it returns; else why not.
  static raft::expected<std::unique_ptr<bench_node>, std::string> start(node_options options,
                                                                        std::size_t groups);

  /// Whether every group has a leader and has applied what was committed when it started.
  [[nodiscard]] bool is_ready();
  [[nodiscard]] groups_summary summary();
  /// Leadership goes to others, what is in memory to disk.
  void stop();

 private:
  explicit bench_node(std::unique_ptr<node> running) : node_(std::move(running)) {}
  std::unique_ptr<node> node_;
};

/// One line of JSON.
[[nodiscard]] std::string as_json(const groups_summary& s);

}  // namespace troupe::bench
