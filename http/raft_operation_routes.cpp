// Maintenance through Nacos's interface: /nacos/v1/core/ops, /nacos/v2/core/ops. nacos-spec A.9,
// C.5.
#include <spdlog/spdlog.h>

#include "http/nacos_result.hpp"
#include "http/naming_parameters.hpp"
#include "http/raft_operations.hpp"
#include "http/routes.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;
using teller = response (*)(const std::string& failure);

response told_v1(const std::string& failure) {
  return failure.empty() ? rest_result_ok(true) : rest_result(500, failure, nullptr);
}

response told_v2(const std::string& failure) {
  return failure.empty() ? result_ok(true) : result_error(500, nacos_code::server_error, failure);
}

handler carried_out(const view_ptr& view, teller tell) {
  return [view, tell](const exchange_ptr& call, const std::string&) {
    const auto operation = read_operation(call->request().body);
    if (!operation) return call->respond(tell(operation.error()));
    perform(view, *operation,
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

void add_raft_operation_routes(router& routes, const view_ptr& view) {
  routes.add("POST", "/nacos/v1/core/ops/raft", carried_out(view, told_v1));
  routes.add("POST", "/nacos/v2/core/ops/raft", carried_out(view, told_v2));
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
