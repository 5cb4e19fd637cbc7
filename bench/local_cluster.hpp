// local_cluster: three nodes with key-value groups in this process, on loopback ports and in a
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
  /// Ready when it returns, and each node leads a third of the groups; else why not. The nodes'
  /// data goes below `directory`.
  static raft::expected<std::unique_ptr<local_cluster>, std::string> start(
      const std::string& directory, const std::vector<std::string>& groups);
  ~local_cluster();
  local_cluster(const local_cluster&) = delete;
  local_cluster& operator=(const local_cluster&) = delete;

  [[nodiscard]] std::vector<std::string> endpoints() const;
  /// Of each group the handle of the node that leads it.
  [[nodiscard]] std::vector<group> leading_groups();

 private:
  local_cluster(std::string root, std::vector<std::string> groups)
      : root_(std::move(root)), groups_(std::move(groups)) {}
  [[nodiscard]] std::string open(raft::node_id id);
  [[nodiscard]] std::string spread_leaders();
  /// Of each group that has a leader: which node.
  [[nodiscard]] std::map<std::string, raft::node_id> leaders();

  std::string root_;
  std::vector<std::string> groups_;
  std::map<raft::node_id, std::string> members_;
  std::map<raft::node_id, std::unique_ptr<node>> nodes_;
};

}  // namespace troupe::bench
