// Maintenance through Nacos's interface: /nacos/v1/core/ops, /nacos/v2/core/ops. nacos-spec A.9,
// C.5.
#include <spdlog/spdlog.h>

#include "http/access_services.hpp"
#include "http/cluster_services.hpp"
#include "http/json_body.hpp"
#include "http/nacos_result.hpp"
#include "http/naming_parameters.hpp"
#include "http/raft_operations.hpp"
#include "http/routes.hpp"
#include "http/server_client.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;
using teller = response (*)(const std::string& failure);

constexpr const char* path_v1 = "/nacos/v1/core/ops/raft";
/// A snapshot writes what is in memory.
constexpr std::chrono::seconds patience{60};

response told_v1(const std::string& failure) {
  return failure.empty() ? rest_result_ok(true) : rest_result(500, failure, nullptr);
}

response told_v2(const std::string& failure) {
  return failure.empty() ? result_ok(true) : result_error(500, nacos_code::server_error, failure);
}

/// What the other server answered, as a failure; empty: it did it.
std::string failure_in(const incoming_answer& a) {
  if (a.what != incoming_answer::outcome::answered) return "the node did not answer";
  const auto body = parse_json<json>(a.body);
  const bool is_result = body.is_object() && body.contains("code") && body["code"].is_number();
  if (is_result && body["code"] == 200) return {};
  const auto message = body.is_object() ? body.value("message", json()) : json();
  return message.is_string() ? message.get<std::string>()
                             : "the node answered with status " + std::to_string(a.status);
}

operation_forwarder forwarding_to(boost::asio::io_context& io, const cluster_services& cluster,
                                  const access_services& access) {
  return [&io, servers = cluster.servers, who = access.who](
             raft::node_id to, const raft_operation& operation, const operation_done& done) {
    const auto server = servers->find(to);
    if (!server) return done("node " + to_string(to) + " has not announced where it serves HTTP");
    outgoing_request r{server->address, path_v1, {}, write_forwarded(operation)};
    const auto& settings = who->settings();
    if (settings.enabled) r.headers.emplace_back(settings.identity_key, settings.identity_value);
    post_json(io, std::move(r), patience,
              [done](const incoming_answer& a) { done(failure_in(a)); });
  };
}

handler carried_out(const view_ptr& view, operation_forwarder forward, teller tell) {
  return [view, forward = std::move(forward), tell](const exchange_ptr& call, const std::string&) {
    const auto operation = read_operation(call->request().body);
    if (!operation) return call->respond(tell(operation.error()));
    perform(view, *operation, forward,
            [call, tell](const std::string& failure) { call->respond(tell(failure)); });
  };
}

void set_log_level(const exchange_ptr& call, const std::string&) {
  const auto p = naming_parameters::of(call->request());
  if (!p) return call->respond(p.error());
  const auto wanted = std::string(p->find("logLevel").value_or(""));
  for (const auto* level : {"trace", "debug", "info", "warn", "error"}) {
    if (!equal_ignoring_case(wanted, level)) continue;
    // One log here, whatever name is given.
    spdlog::set_level(spdlog::level::from_str(level));
    return call->respond(result_ok(nullptr));
  }
  call->respond(result_error(400, nacos_code::parameter_validate_error,
                             "logLevel: is not trace, debug, info, warn or error"));
}

}  // namespace

void add_raft_operation_routes(router& routes, const view_ptr& view, boost::asio::io_context& io,
                               const cluster_services& cluster, const access_services& access) {
  const auto forward = forwarding_to(io, cluster, access);
  routes.add("POST", path_v1, carried_out(view, forward, told_v1));
  routes.add("POST", "/nacos/v2/core/ops/raft", carried_out(view, forward, told_v2));
  // Ids come from the log, not from generators that could be shown.
  routes.add("GET", "/nacos/v1/core/ops/idInfo", [](const exchange_ptr& call, const std::string&) {
    call->respond(rest_result_ok(json::object()));
  });
  routes.add("GET", "/nacos/v2/core/ops/ids", [](const exchange_ptr& call, const std::string&) {
    call->respond(result_ok(json::object()));
  });
  routes.add("PUT", "/nacos/v2/core/ops/log", set_log_level);
}

}  // namespace troupe::http
