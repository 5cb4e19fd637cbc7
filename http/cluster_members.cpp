#include "http/cluster_members.hpp"

#include "http/json_body.hpp"
#include "http/nacos_version.hpp"
#include "http/text_forms.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

std::string peer_address_of(const node_status& node, raft::node_id id) {
  for (const auto& m : node.members) {
    if (m.id == id) return m.peer_address;
  }
  return {};
}

/// The last colon parts them: an IPv6 host has more.
std::pair<std::string, std::string> split_last(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return {address, {}};
  return {address.substr(0, colon), address.substr(colon + 1)};
}

void locate(cluster_member& m, const std::string& host, const std::string& port) {
  m.ip = host;
  m.port = static_cast<std::uint16_t>(parse_number(port, 0, 65'535).value_or(0));
}

cluster_member member_of(const node_address& node, const own_view& own,
                         const server_directory& servers) {
  cluster_member m;
  m.node = node.id;
  m.peer_address = node.peer_address;
  m.version = nacos_version;
  const auto own_port = split_last(own.http_address).second;
  if (node.id == own.status.id) {
    locate(m, split_last(own.http_address).first, own_port);
    m.state = own.ready ? server_state::up : server_state::starting;
    m.refreshed_ms = own.now_ms;
    m.raft_metadata = raft_metadata_of(own.status);
    return m;
  }
  const auto known = servers.find(node.id);
  if (!known) {
    locate(m, split_last(node.peer_address).first, own_port);
    return m;
  }
  const auto [host, port] = split_last(known->address);
  locate(m, host, port);
  m.version = known->version;
  m.state = known->state;
  m.failures = known->failures;
  m.refreshed_ms = known->refreshed_ms;
  if (!known->raft_metadata.empty()) m.raft_metadata = parse_json<json>(known->raft_metadata);
  return m;
}

}  // namespace

std::string cluster_member::address() const {
  return ip + ':' + std::to_string(port);
}

json cluster_member::describe() const {
  json extended = json::object();
  extended["lastRefreshTime"] = refreshed_ms;
  extended["raftPort"] = split_last(peer_address).second;
  extended["raftAddress"] = peer_address;
  extended["nodeId"] = node.value();
  extended["readyToUpgrade"] = true;
  extended["version"] = version;
  if (!raft_metadata.is_null()) extended["raftMetaData"] = raft_metadata;
  json out = json::object();
  out["ip"] = ip;
  out["port"] = port;
  out["state"] = name_of(state);
  out["extendInfo"] = std::move(extended);
  out["address"] = address();
  out["failAccessCnt"] = failures;
  // No gRPC here: tools must not look for it at port + 1000.
  out["abilities"] = {
      {"remoteAbility", {{"supportRemoteConnection", false}, {"grpcReportEnabled", false}}},
      {"configAbility", {{"supportRemoteMetrics", false}}},
      {"namingAbility", {{"supportJraft", true}}}};
  out["grpcReportEnabled"] = false;
  return out;
}

void ask_own_view(const std::shared_ptr<cluster_view>& view, const cluster_services& cluster,
                  std::function<void(own_view)> done) {
  view->status([view, cluster, done = std::move(done)](node_status status) {
    view->readiness([cluster, done, status = std::move(status)](const auto& reasons) {
      done({status, reasons.empty(), cluster.now_ms(), cluster.http_address});
    });
  });
}

json raft_metadata_of(const node_status& node) {
  json groups = json::object();
  for (const auto& g : node.groups) {
    const bool known = g.available && !g.core.soft.leader.is_none() && !g.leader_address.empty();
    json members = json::array();
    for (const auto id : g.core.peers.members()) members.push_back(peer_address_of(node, id));
    json one = json::object();
    one["leader"] = known ? g.leader_address : "unknown";
    one["leaderKnown"] = known;
    one["raftGroupMember"] = std::move(members);
    one["term"] = g.core.soft.term.value();
    groups[g.name] = std::move(one);
  }
  json out = json::object();
  out["metaDataMap"] = std::move(groups);
  return out;
}

std::vector<cluster_member> members_of(const own_view& own, const server_directory& servers) {
  std::vector<cluster_member> all;
  for (const auto& node : own.status.members) all.push_back(member_of(node, own, servers));
  return all;
}

cluster_member self_of(const own_view& own, const server_directory& servers) {
  return member_of({own.status.id, peer_address_of(own.status, own.status.id)}, own, servers);
}

}  // namespace troupe::http
