// cluster_members: the nodes of the cluster as Nacos's interface shows them: Member records with
// what each knows of its groups. Knows nothing of requests and routes. nacos-spec A.8, C.5.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "groups/cluster_view.hpp"
#include "http/cluster_services.hpp"
#include "http/server_directory.hpp"

namespace troupe::http {

struct cluster_member {
  raft::node_id node;
  std::string ip;
  std::uint16_t port = 0;
  std::string peer_address;
  std::string version;
  server_state state = server_state::starting;
  std::uint32_t failures = 0;
  std::uint64_t refreshed_ms = 0;
  nlohmann::ordered_json raft_metadata;  ///< null when unknown

  /// ip:port
  [[nodiscard]] std::string address() const;
  [[nodiscard]] nlohmann::ordered_json describe() const;
};

/// What a node sees of itself when it is asked.
struct own_view {
  node_status status;
  bool ready = false;
  std::uint64_t now_ms = 0;
  std::string http_address;  ///< host:port
};

/// Asks the node; `done` is called once, from any thread.
void ask_own_view(const std::shared_ptr<cluster_view>& view, const cluster_services& cluster,
                  std::function<void(own_view)> done);

/// {"metaDataMap":{group:{"leader","leaderKnown","raftGroupMember","term"}}}. An unknown leader is
/// published as unknown.
nlohmann::ordered_json raft_metadata_of(const node_status& node);

/// All members by node id. One that has not announced itself is shown at its peer address's host
/// with this node's HTTP port.
std::vector<cluster_member> members_of(const own_view& own, const server_directory& servers);
cluster_member self_of(const own_view& own, const server_directory& servers);

}  // namespace troupe::http
