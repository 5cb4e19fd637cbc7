// The servers as the naming API tells them: all of them, which one answers for a client, and how
// the Raft group of the instances stands, as servers of 1.x told it. nacos-spec C.6.
#include <algorithm>
#include <utility>

#include "http/cluster_members.hpp"
#include "http/json_answer.hpp"
#include "http/naming_dialect.hpp"
#include "http/naming_parameters.hpp"
#include "http/naming_services.hpp"
#include "http/routes.hpp"
#include "processors/persistent_instances.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;
using members = std::vector<cluster_member>;

constexpr std::string_view instances_group = processors::persistent_instances::group_name;

/// As this node knows it; null when the node has no member of the group.
const group_status* instances_of(const own_view& own) {
  for (const auto& g : own.status.groups) {
    if (g.name == instances_group && g.available) return &g;
  }
  return nullptr;
}

const cluster_member* leader_of(const group_status* group, const members& all) {
  if (!group || group->core.soft.leader.is_none()) return nullptr;
  const auto found = std::find_if(all.begin(), all.end(), [group](const cluster_member& m) {
    return m.node == group->core.soft.leader;
  });
  return found == all.end() ? nullptr : &*found;
}

/// What the server itself has said, in reports that may hold anything; 0 before it has.
std::uint64_t term_said_by(const cluster_member& m) {
  const json::json_pointer where("/metaDataMap/" + std::string(instances_group) + "/term");
  if (!m.raft_metadata.is_object() || !m.raft_metadata.contains(where)) return 0;
  const auto& term = m.raft_metadata.at(where);
  return term.is_number_unsigned() ? term.get<std::uint64_t>() : 0;
}

std::string_view word_of(raft::node_id node, const raft::core_status& core) {
  if (node == core.soft.leader) return "LEADER";
  const bool campaigns = node == core.self && (core.soft.role == raft::role::candidate ||
                                               core.soft.role == raft::role::pre_candidate);
  return campaigns ? "CANDIDATE" : "FOLLOWER";
}

/// A server of the group. Its vote is known of this node alone; timers of other servers never are.
json peer_json(const cluster_member& m, const raft::core_status& core, const members& all) {
  json vote;
  for (const auto& other : all) {
    if (m.node == core.self && other.node == core.hard.vote) vote = other.address();
  }
  return json{{"ip", m.address()},
              {"voteFor", std::move(vote)},
              {"term", term_said_by(m)},
              {"state", word_of(m.node, core)}};
}

class server_api : public std::enable_shared_from_this<server_api> {
 public:
  server_api(view_ptr view, naming_services services, const cluster_services& cluster)
      : view_(std::move(view)), services_(std::move(services)), cluster_(cluster) {}

  void add_to(router& routes);

 private:
  using method = response (server_api::*)(const own_view&, const naming_parameters&,
                                          const naming_dialect&) const;

  void add(router& routes, const std::string& path, naming_version v, method m);
  response servers(const own_view&, const naming_parameters&, const naming_dialect&) const;
  response responsible(const own_view&, const naming_parameters&, const naming_dialect&) const;
  response state(const own_view&, const naming_parameters&, const naming_dialect&) const;
  response leader(const own_view&, const naming_parameters&, const naming_dialect&) const;

  view_ptr view_;
  naming_services services_;
  cluster_services cluster_;
};

void server_api::add(router& routes, const std::string& path, naming_version v, method m) {
  routes.add("GET", path, [self = shared_from_this(), m, v](const exchange_ptr& call, const auto&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    const naming_dialect says(v);
    if (auto bad = check_parameters(*p)) {
      return call->respond(says.dressed(std::move(*bad), nacos_code::parameter_validate_error));
    }
    ask_own_view(self->view_, self->cluster_, [self, call, m, p = *p, says](own_view own) {
      call->post([self, call, m, p, says, own = std::move(own)] {
        call->respond((self.get()->*m)(own, p, says));
      });
    });
  });
}

void server_api::add_to(router& routes) {
  for (const auto v : {naming_version::v1, naming_version::v2}) {
    for (const auto* alias : {"/ns/operator", "/ns/ops"}) {
      const auto base = std::string(v == naming_version::v1 ? "/nacos/v1" : "/nacos/v2") + alias;
      add(routes, base + "/servers", v, &server_api::servers);
      add(routes, base + "/distro/client", v, &server_api::responsible);
    }
  }
  add(routes, "/nacos/v1/ns/raft/state", naming_version::v1, &server_api::state);
  add(routes, "/nacos/v1/ns/raft/leader", naming_version::v1, &server_api::leader);
}

/// Members, with the fields beside that tools of older clients read.
response server_api::servers(const own_view& own, const naming_parameters&,
                             const naming_dialect& says) const {
  json rows = json::array();
  for (const auto& m : members_of(own, *cluster_.servers)) {
    auto row = m.describe();
    row["servePort"] = m.port;
    row["key"] = m.address();
    row["site"] = "unknown";
    row["weight"] = 1;
    row["adWeight"] = 0;
    row["alive"] = m.state == server_state::up;
    row["lastRefTime"] = m.refreshed_ms;
    row["lastRefTimeStr"] = std::to_string(m.refreshed_ms);
    rows.push_back(std::move(row));
  }
  return says.data(json{{"servers", std::move(rows)}});
}

/// Who probes persistent instances of a client; ephemeral ones belong to whoever hears their beats,
/// and the node that is asked hears every beat that it is sent.
response server_api::responsible(const own_view& own, const naming_parameters& p,
                                 const naming_dialect& says) const {
  const auto ip = p.find("ip");
  if (!ip) return says.missing("ip");
  const auto port = p.find("port");
  if (!port) return says.missing("port");
  const auto client = std::string(*ip) + ':' + std::string(*port);
  const bool is_probed = services_.catalogue->published_by(client + "#true").empty() &&
                         !services_.catalogue->published_by(client + "#false").empty();
  std::string server = own.http_address;
  if (is_probed) {
    const auto all = members_of(own, *cluster_.servers);
    const auto* leads = leader_of(instances_of(own), all);
    server = leads ? leads->address() : "unknown";
  }
  return says.data(json{{"responsibleServer", server}});
}

response server_api::state(const own_view& own, const naming_parameters&,
                           const naming_dialect& says) const {
  json peers = json::array();
  if (const auto* group = instances_of(own)) {
    const auto all = members_of(own, *cluster_.servers);
    const auto in_group = group->core.peers.members();
    for (const auto& m : all) {
      if (std::find(in_group.begin(), in_group.end(), m.node) == in_group.end()) continue;
      peers.push_back(peer_json(m, group->core, all));
    }
  }
  return says.data(
      json{{"services", services_.catalogue->counts().services}, {"peers", std::move(peers)}});
}

/// The peer is a text of JSON within the JSON, as tools of 1.x unpack it; the text `null` while no
/// leader is known.
response server_api::leader(const own_view& own, const naming_parameters&,
                            const naming_dialect& says) const {
  const auto all = members_of(own, *cluster_.servers);
  const auto* group = instances_of(own);
  const auto* leads = leader_of(group, all);
  const auto peer = leads ? peer_json(*leads, group->core, all) : json();
  return says.data(json{{"leader", json_answer(peer).body}});
}

}  // namespace

void add_naming_server_routes(router& routes, const view_ptr& view, const naming_services& naming,
                              const cluster_services& cluster) {
  std::make_shared<server_api>(view, naming, cluster)->add_to(routes);
}

}  // namespace troupe::http
