// The nodes of the cluster: /nacos/v1/core/cluster, /nacos/v2/core/cluster, /nacos/serverlist.
// nacos-spec A.8, C.5, C.10.
#include <algorithm>

#include "http/cluster_members.hpp"
#include "http/cluster_services.hpp"
#include "http/json_answer.hpp"
#include "http/json_body.hpp"
#include "http/nacos_result.hpp"
#include "http/naming_parameters.hpp"
#include "http/routes.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

/// What one server says of its groups: a few hundred bytes a group.
constexpr std::size_t raft_metadata_bytes_max = 1U << 20U;
constexpr const char* no_lookup =
    "lookup: members are what the Raft groups have agreed on; there is no list to look up";
constexpr const char* no_leaving =
    "a node leaves by being removed from its groups: troupectl member remove";

using shape = std::function<void(const exchange_ptr&, const own_view&)>;

class cluster_api : public std::enable_shared_from_this<cluster_api> {
 public:
  cluster_api(view_ptr view, const cluster_services& cluster)
      : view_(std::move(view)), cluster_(cluster) {}

  void add_to(router& routes);

 private:
  void add_v1(router& routes);
  void add_v2(router& routes);
  /// Calls `answer` with what this node sees of itself.
  handler with_own_view(shape answer) const;
  [[nodiscard]] std::vector<cluster_member> members(const own_view& own) const {
    return members_of(own, *cluster_.servers);
  }
  [[nodiscard]] cluster_member self(const own_view& own) const {
    return self_of(own, *cluster_.servers);
  }
  /// False when the text is no record of a member that has announced itself.
  bool take_report(const json& member) const;

  view_ptr view_;
  cluster_services cluster_;
};

handler cluster_api::with_own_view(shape answer) const {
  return [self = shared_from_this(), answer = std::move(answer)](const exchange_ptr& call,
                                                                 const std::string&) {
    ask_own_view(self->view_, self->cluster_, [call, answer](own_view own) {
      call->post([call, answer, own = std::move(own)] { answer(call, own); });
    });
  };
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// A parameter of the query; empty when it is missing.
std::string parameter(const exchange_ptr& call, std::string_view name) {
  const auto p = naming_parameters::of(call->request());
  return p ? std::string(p->find(name).value_or("")) : std::string();
}

json described(const std::vector<cluster_member>& members,
               const std::function<bool(const cluster_member&)>& wanted) {
  json all = json::array();
  for (const auto& m : members) {
    if (wanted(m)) all.push_back(m.describe());
  }
  return all;
}

bool cluster_api::take_report(const json& member) const {
  if (!member.is_object() || !member.contains("address") || !member["address"].is_string()) {
    return false;
  }
  const auto sender = cluster_.servers->find_address(member["address"].get<std::string>());
  if (!sender) return false;
  const auto extended = member.value("extendInfo", json::object());
  const auto metadata = extended.is_object() ? extended.value("raftMetaData", json()) : json();
  auto text = metadata.is_object() ? json_answer(metadata).body : std::string();
  if (text.size() > raft_metadata_bytes_max) return false;
  cluster_.servers->heard(sender->node, cluster_.now_ms(), std::move(text));
  return true;
}

void cluster_api::add_v1(router& routes) {
  const std::string base = "/nacos/v1/core/cluster";
  const auto self_ptr = shared_from_this();
  routes.add("GET", base + "/self", with_own_view([self_ptr](const auto& call, const auto& own) {
               call->respond(rest_result_ok(self_ptr->self(own).describe()));
             }));
  routes.add("GET", base + "/nodes", with_own_view([self_ptr](const auto& call, const auto& own) {
               const auto keyword = parameter(call, "keyword");
               call->respond(
                   rest_result_ok(described(self_ptr->members(own), [&](const cluster_member& m) {
                     return begins_with(m.address(), keyword);
                   })));
             }));
  routes.add("GET", base + "/simple/nodes",
             with_own_view([self_ptr](const auto& call, const auto& own) {
               json addresses = json::array();
               for (const auto& m : self_ptr->members(own)) addresses.push_back(m.address());
               call->respond(rest_result_ok(std::move(addresses)));
             }));
  routes.add("GET", base + "/health", with_own_view([self_ptr](const auto& call, const auto& own) {
               call->respond(rest_result_ok(name_of(self_ptr->self(own).state)));
             }));
  routes.add("POST", base + "/report", [self_ptr](const exchange_ptr& call, const std::string&) {
    const bool taken = self_ptr->take_report(parse_json<json>(call->request().body));
    call->respond(taken
                      ? rest_result_ok(true)
                      : rest_result(400, "body: is no record of a member of this cluster", false));
  });
  routes.add("POST", base + "/switch/lookup", [](const exchange_ptr& call, const std::string&) {
    call->respond(rest_result(400, no_lookup, nullptr));
  });
  routes.add("POST", base + "/server/leave", [](const exchange_ptr& call, const std::string&) {
    call->respond(rest_result(405, no_leaving, nullptr));
  });
}

void cluster_api::add_v2(router& routes) {
  const std::string base = "/nacos/v2/core/cluster";
  const auto self_ptr = shared_from_this();
  routes.add("GET", base + "/node/self",
             with_own_view([self_ptr](const auto& call, const auto& own) {
               call->respond(result_ok(self_ptr->self(own).describe()));
             }));
  routes.add("GET", base + "/node/self/health",
             with_own_view([self_ptr](const auto& call, const auto& own) {
               call->respond(result_ok(name_of(self_ptr->self(own).state)));
             }));
  routes.add(
      "GET", base + "/node/list", with_own_view([self_ptr](const auto& call, const auto& own) {
        const auto address = parameter(call, "address");
        const auto state = parameter(call, "state");
        if (!state.empty() && !is_state_name(state)) {
          return call->respond(
              result_error(400, nacos_code::illegal_state, "Illegal state: " + state));
        }
        call->respond(result_ok(described(self_ptr->members(own), [&](const cluster_member& m) {
          return begins_with(m.address(), address) && (state.empty() || name_of(m.state) == state);
        })));
      }));
  routes.add("PUT", base + "/node/list", [self_ptr](const exchange_ptr& call, const std::string&) {
    const auto body = parse_json<json>(call->request().body);
    const bool all_taken = body.is_array() && !body.empty() &&
                           std::all_of(body.begin(), body.end(), [&](const json& member) {
                             return self_ptr->take_report(member);
                           });
    call->respond(all_taken ? result_ok(true)
                            : result_error(400, nacos_code::node_info_error,
                                           "body: holds what is no member of this cluster"));
  });
  routes.add("PUT", base + "/lookup", [](const exchange_ptr& call, const std::string&) {
    call->respond(result_error(400, nacos_code::parameter_validate_error, no_lookup));
  });
  routes.add("DELETE", base + "/nodes", [](const exchange_ptr& call, const std::string&) {
    call->respond(result_error(405, nacos_code::node_down_failure, no_leaving));
  });
}

void cluster_api::add_to(router& routes) {
  add_v1(routes);
  add_v2(routes);
  routes.add("GET", "/nacos/serverlist",
             with_own_view([self = shared_from_this()](const auto& call, const auto& own) {
               std::string lines;
               for (const auto& m : self->members(own)) lines += m.address() + '\n';
               call->respond(plain_text(200, std::move(lines)));
             }));
}

}  // namespace

void add_cluster_routes(router& routes, const view_ptr& view, const cluster_services& cluster) {
  std::make_shared<cluster_api>(view, cluster)->add_to(routes);
}

}  // namespace troupe::http
