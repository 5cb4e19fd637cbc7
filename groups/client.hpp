// client: a process that is no member talks to the groups of a cluster: finds leaders, pipelines
// and batches, repeats only what surely did not happen. group(name) gives the same handle as node
// does.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "groups/group.hpp"
#include "raft/expected.hpp"

namespace troupe {

struct client_options {
  std::vector<std::string> endpoints;  ///< host:port of nodes' peer ports; any of them will do
  std::string cluster;                 ///< refuse nodes of another cluster; empty = any
  std::size_t threads = 1;             ///< serve connections, call completions; 0: half the cores
};

class client {
 public:
  /// Connects in the background; requests wait for a connection until their deadline. An endpoint
  /// that is not host:port is an error that names it.
  static raft::expected<std::unique_ptr<client>, error> connect(client_options options);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  [[nodiscard]] troupe::group group(const std::string& name);
  /// Hands leadership of a group to `peer` (node id or peer address).
  void transfer(const std::string& group, const std::string& peer, completion done);

  class internals;
  [[nodiscard]] internals& inside() { return *internals_; }

 private:
  explicit client(std::shared_ptr<internals> parts);
  std::shared_ptr<internals> internals_;
};

}  // namespace troupe
