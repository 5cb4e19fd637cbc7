// Whether this server lives, is ready, and what it is: what orchestrators, consoles and clients of
// Nacos ask. nacos-spec C.10.
#include "http/access_services.hpp"
#include "http/config_table.hpp"
#include "http/json_answer.hpp"
#include "http/nacos_result.hpp"
#include "http/nacos_version.hpp"
#include "http/naming_parameters.hpp"
#include "http/naming_services.hpp"
#include "http/routes.hpp"
#include "processors/configuration.hpp"
#include "processors/persistent_instances.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

/// What a group is part of, as the texts of readiness name it.
enum class side : std::uint8_t { naming, config, other };

/// Of "group: why".
side side_of(std::string_view reason) {
  const auto group = reason.substr(0, reason.find(':'));
  if (group == processors::configuration::group_name) return side::config;
  return group.substr(0, 7) == "naming_" ? side::naming : side::other;
}

/// Nacos's text, or what else is not ready; empty: ready.
std::string unreadiness(const std::vector<std::string>& reasons) {
  bool naming = false;
  bool config = false;
  std::string others;
  for (const auto& reason : reasons) {
    const auto of = side_of(reason);
    naming = naming || of == side::naming;
    config = config || of == side::config;
    if (of == side::other) others += (others.empty() ? "" : "; ") + reason;
  }
  if (naming && config) return "config and naming not in readiness";
  if (naming) return "naming not in readiness";
  return config ? "config not in readiness" : others;
}

/// Beyond the groups: what this node shows must have been told to it once.
void add_unloaded(std::vector<std::string>& reasons, const access_services& access,
                  const naming::catalogue& services, const config_table& configs) {
  const auto add = [&reasons](std::string_view group) {
    reasons.push_back(std::string(group) + ": not loaded");
  };
  if (!access.accounts->is_loaded() || !configs.is_loaded()) {
    add(processors::configuration::group_name);
  }
  if (!services.is_loaded()) add(processors::persistent_instances::group_name);
}

json state_of(const node_status& node, const access_services& access,
              const server_options& options) {
  const auto flag = [](bool on) { return on ? "true" : "false"; };
  const bool auth = access.who->settings().enabled;
  const auto* mode = node.members.size() > 1 ? "cluster" : "standalone";
  json out = json::object();
  out["version"] = nacos_version;
  out["troupe_version"] = TROUPE_VERSION;
  out["server_port"] = std::to_string(options.port);
  out["standalone_mode"] = mode;
  out["startup_mode"] = mode;
  out["function_mode"] = nullptr;
  out["auth_enabled"] = flag(auth);
  out["auth_system_type"] = "nacos";
  out["auth_admin_request"] = flag(auth && !access.accounts->has_administrator());
  out["login_page_enabled"] = flag(auth);
  out["console_ui_enabled"] = flag(true);
  return out;
}

}  // namespace

void add_server_state_routes(router& routes, const view_ptr& view, const access_services& access,
                             const naming_services& naming,
                             const std::shared_ptr<const config_table>& configs,
                             const server_options& options) {
  // The actors have answered, too.
  const auto live = [view](response alive) {
    return [view, alive = std::move(alive)](const exchange_ptr& call, const std::string&) {
      view->status([call, alive](const node_status&) { call->respond(alive); });
    };
  };
  const auto ready = [view, access, naming, configs](response (*told)(const std::string& why)) {
    return [view, access, naming, configs, told](const exchange_ptr& call, const std::string&) {
      view->readiness([call, access, naming, configs, told](std::vector<std::string> reasons) {
        add_unloaded(reasons, access, *naming.catalogue, *configs);
        call->respond(told(unreadiness(reasons)));
      });
    };
  };
  routes.add("GET", "/nacos/v1/console/health/liveness", live(plain_text(200, "OK")));
  routes.add("GET", "/nacos/v2/console/health/liveness", live(result_ok("ok")));
  routes.add("GET", "/nacos/v1/console/health/readiness", ready([](const std::string& why) {
               return why.empty() ? plain_text(200, "OK") : plain_text(500, why);
             }));
  routes.add("GET", "/nacos/v2/console/health/readiness", ready([](const std::string& why) {
               return why.empty() ? result_ok("ok")
                                  : result_error(200, nacos_code::server_error, why);
             }));
  routes.add("GET", "/nacos/v1/console/server/state",
             [view, access, options](const exchange_ptr& call, const std::string&) {
               view->status([call, access, options](const node_status& node) {
                 call->respond(json_answer(state_of(node, access, options)));
               });
             });
}

}  // namespace troupe::http
