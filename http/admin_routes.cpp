// The operators' part of docs/http-api.md.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "http/routes.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

response json_answer(const json& body) {
  return {
      200, body.dump(-1, ' ', false, json::error_handler_t::replace), std::string(json_type), {}};
}

std::string_view name_of(raft::role r) {
  switch (r) {
    case raft::role::follower:
      return "follower";
    case raft::role::pre_candidate:
      return "pre_candidate";
    case raft::role::candidate:
      return "candidate";
    case raft::role::leader:
      return "leader";
  }
  return "follower";
}

std::string_view name_of(raft::progress_state s) {
  switch (s) {
    case raft::progress_state::probe:
      return "probe";
    case raft::progress_state::replicate:
      return "replicate";
    case raft::progress_state::snapshot:
      return "snapshot";
  }
  return "unknown";
}

std::string address_of(const node_status& node, raft::node_id id) {
  for (const auto& m : node.members) {
    if (m.id == id) return m.peer_address;
  }
  return {};
}

json describe_member(const node_status& node, const raft::core_status& core, raft::node_id id) {
  json m{{"id", id.value()},
         {"address", address_of(node, id)},
         {"voter", core.peers.is_voter(id)},
         {"match", nullptr},
         {"next", nullptr},
         {"state", "unknown"},
         {"active", nullptr}};
  if (core.soft.role != raft::role::leader) return m;  // only the leader knows
  if (id == core.self) {
    m["match"] = core.stable.value();
    m["next"] = raft::next(core.last).value();
    m["state"] = "leader";
    m["active"] = true;
    return m;
  }
  for (const auto& p : core.progress) {
    if (p.id != id) continue;
    m["match"] = p.match.value();
    m["next"] = p.next.value();
    m["state"] = name_of(p.state);
    m["active"] = p.recently_active;
  }
  return m;
}

json describe(const node_status& node, const group_status& g) {
  const auto& core = g.core;
  json leader;
  if (!core.soft.leader.is_none()) {
    leader = {{"id", core.soft.leader.value()}, {"address", g.leader_address}};
  }
  json out{{"name", g.name},
           {"available", g.available},
           {"leader", leader},
           {"term", core.soft.term.value()},
           {"role", name_of(core.soft.role)},
           {"first", core.first.value()},
           {"commit", core.commit.value()},
           {"applied", core.applied.value()},
           {"stable", core.stable.value()},
           {"last", core.last.value()},
           {"pending", g.pending_proposals}};
  out["transferring_to"] =
      core.transferee.is_none() ? json(nullptr) : json(core.transferee.value());
  out["members"] = json::array();
  for (const auto id : core.peers.members()) {
    out["members"].push_back(describe_member(node, core, id));
  }
  return out;
}

response describe_node(const node_status& node) {
  json members = json::array();
  for (const auto& m : node.members) {
    members.push_back({{"id", m.id.value()}, {"address", m.peer_address}});
  }
  return json_answer({{"id", node.id.value()},
                      {"cluster", node.cluster},
                      {"incarnation", node.incarnation},
                      {"version", TROUPE_VERSION},
                      {"members", members}});
}

response describe_groups(const node_status& node) {
  json groups = json::array();
  for (const auto& g : node.groups) groups.push_back(describe(node, g));
  return json_answer({{"node", node.id.value()}, {"groups", groups}});
}

response describe_group(const node_status& node, const std::string& name) {
  for (const auto& g : node.groups) {
    if (g.name == name) return json_answer(describe(node, g));
  }
  return answer_of({error_code::unknown_group, "there is no group " + name, {}});
}

void with_status(const exchange_ptr& call, cluster_view& view,
                 std::function<response(const node_status&)> shape) {
  view.status([call, shape = std::move(shape)](node_status status) {
    call->post([call, shape, status = std::move(status)] { call->respond(shape(status)); });
  });
}

/// {"to":"2"}; a number is understood too.
std::optional<std::string> read_target(std::string_view body) {
  const auto parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("to")) return std::nullopt;
  const auto& to = parsed["to"];
  if (to.is_string() && !to.get<std::string>().empty()) return to.get<std::string>();
  if (to.is_number_unsigned()) return std::to_string(to.get<std::uint64_t>());
  return std::nullopt;
}

void transfer(const exchange_ptr& call, cluster_view& view, const std::string& group) {
  const auto to = read_target(call->request().body);
  if (!to) {
    return call->respond(invalid_argument(
        "body: is not {\"to\":\"…\"} with a node id or a peer address (host:port)"));
  }
  view.transfer(group, *to, [call](const error& e) {
    call->post([call, e] {
      call->respond(e.code == error_code::ok ? json_answer({{"accepted", true}}) : answer_of(e));
    });
  });
}

}  // namespace

void add_admin_routes(router& routes, const view_ptr& view) {
  routes.add("GET", "/admin/v1/node", [view](const exchange_ptr& call, const std::string&) {
    with_status(call, *view, describe_node);
  });
  routes.add("GET", "/admin/v1/groups", [view](const exchange_ptr& call, const std::string&) {
    with_status(call, *view, describe_groups);
  });
  routes.add("GET", "/admin/v1/groups/{group}",
             [view](const exchange_ptr& call, const std::string& group) {
               with_status(call, *view, [group](const node_status& node) {
                 return describe_group(node, group);
               });
             });
  routes.add(
      "POST", "/admin/v1/groups/{group}/transfer",
      [view](const exchange_ptr& call, const std::string& group) { transfer(call, *view, group); });
}

}  // namespace troupe::http
