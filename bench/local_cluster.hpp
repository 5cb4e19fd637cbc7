// local_cluster: three nodes with the key-value group in this process, on loopback ports and in a
// directory that goes with them: a first measurement without a server. Knows nothing of the load.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "groups/node.hpp"
#include "raft/expected.hpp"

namespace troupe::bench {

class local_cluster {
 public:
  /// Ready when it returns; else why not. The nodes' data goes below `directory`.
  static raft::expected<std::unique_ptr<local_cluster>, std::string> start(
      const std::string& directory);
  ~local_cluster();
  local_cluster(const local_cluster&) = delete;
  local_cluster& operator=(const local_cluster&) = delete;

  [[nodiscard]] std::vector<std::string> endpoints() const;
  /// The handle of the node that leads.
  [[nodiscard]] group leading_group();

 private:
  explicit local_cluster(std::string root) : root_(std::move(root)) {}
  [[nodiscard]] std::string open(raft::node_id id);

  std::string root_;
  std::map<raft::node_id, std::string> members_;
  std::map<raft::node_id, std::unique_ptr<node>> nodes_;
};

}  // namespace troupe::bench
