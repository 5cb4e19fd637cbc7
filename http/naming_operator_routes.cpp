// What operators see and turn: switches, state of the naming part, the log. nacos-spec C.6, C.7;
// `ops` is another name for `operator`.
#include <spdlog/spdlog.h>

#include <utility>

#include "http/json_answer.hpp"
#include "http/naming_dialect.hpp"
#include "http/naming_parameters.hpp"
#include "http/naming_services.hpp"
#include "http/naming_writes.hpp"
#include "http/switches_json.hpp"
#include "processors/naming_switch_messages.hpp"
#include "processors/naming_switches.hpp"

namespace troupe::http {

namespace {

namespace told = processors::naming;
using json = nlohmann::ordered_json;

constexpr std::string_view switches_group = processors::naming_switches::group_name;

class operator_api : public std::enable_shared_from_this<operator_api> {
 public:
  operator_api(view_ptr view, naming_services services, const server_options& options)
      : services_(std::move(services)), writes_(std::move(view), options) {}

  void add_to(router& routes);

 private:
  using method = void (operator_api::*)(const exchange_ptr&, const naming_parameters&,
                                        const naming_dialect&);

  void add(router& routes, const char* verb, const std::string& path, naming_version v, method m);
  void show_switches(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void turn_switch(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void metrics(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void pushes(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void log_level(const exchange_ptr&, const naming_parameters&, const naming_dialect&);

  naming_services services_;
  naming_writes writes_;
};

void operator_api::add(router& routes, const char* verb, const std::string& path, naming_version v,
                       method m) {
  routes.add(verb, path, [self = shared_from_this(), m, v](const exchange_ptr& call, const auto&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    (self.get()->*m)(call, *p, naming_dialect(v));
  });
}

void operator_api::add_to(router& routes) {
  for (const auto v : {naming_version::v1, naming_version::v2}) {
    for (const auto* alias : {"/ns/operator", "/ns/ops"}) {
      const auto base = std::string(v == naming_version::v1 ? "/nacos/v1" : "/nacos/v2") + alias;
      add(routes, "GET", base + "/switches", v, &operator_api::show_switches);
      add(routes, "PUT", base + "/switches", v, &operator_api::turn_switch);
      add(routes, "GET", base + "/metrics", v, &operator_api::metrics);
      add(routes, "GET", base + "/push/state", v, &operator_api::pushes);
      add(routes, "PUT", base + "/log", v, &operator_api::log_level);
    }
  }
}

// ---- switches ----------------------------------------------------------------------------------

void operator_api::show_switches(const exchange_ptr& call, const naming_parameters&,
                                 const naming_dialect& says) {
  call->respond(says.data(switches_json(*services_.switches->now())));
}

void operator_api::turn_switch(const exchange_ptr& call, const naming_parameters& p,
                               const naming_dialect& says) {
  const auto entry = p.find("entry");
  if (!entry) return call->respond(says.missing("entry"));
  // A blank value is one: it ends what was overridden.
  const auto sent = p.as_sent("value");
  if (!sent) return call->respond(says.missing("value"));
  const auto value = trimmed(*sent);
  told::switches tried = *services_.switches->now();
  if (const auto set = told::set_switch(tried, *entry, value); !set) {
    return call->respond(says.refused(nacos_code::parameter_validate_error, set.error()));
  }
  if (p.flag("debug").value_or(false)) {
    static_cast<void>(services_.switches->turn_here(*entry, value));
    return call->respond(says.done());
  }
  const told::write_switch c{*entry, value, writes_.stamp()};
  writes_.propose(
      call, switches_group, told::encode(c), [call, says] { call->respond(says.done()); },
      [says](const error& why) { return says.failed(why, switches_group); });
}

// ---- state -------------------------------------------------------------------------------------

std::string status_word(const told::switches& s) {
  return s.overridden_server_status.empty() ? "UP" : s.overridden_server_status;
}

/// Clients ask it to learn whether the server is well: `status` must be there.
void operator_api::metrics(const exchange_ptr& call, const naming_parameters& p,
                           const naming_dialect& says) {
  json out = json{{"status", status_word(*services_.switches->now())}};
  if (!p.flag("onlyStatus").value_or(true)) {
    const auto counts = services_.catalogue->counts();
    const auto clients = services_.catalogue->clients();
    const auto ends_with = [](const std::string& id, std::string_view end) {
      return id.size() >= end.size() && std::string_view(id).substr(id.size() - end.size()) == end;
    };
    const auto ephemeral = std::count_if(clients.begin(), clients.end(),
                                         [&](const auto& id) { return ends_with(id, "#true"); });
    const auto subscribed =
        services_.subscriptions ? services_.subscriptions->counts() : naming::push_counts{};
    out["serviceCount"] = counts.services;
    out["instanceCount"] = counts.instances;
    out["subscribeCount"] = subscribed.subscriptions;
    out["responsibleInstanceCount"] = counts.ephemeral_instances;
    out["clientCount"] = clients.size() + subscribed.subscribers;
    out["connectionBasedClientCount"] = 0;  // clients of 2.x: they are not served
    out["ephemeralIpPortClientCount"] = ephemeral;
    out["persistentIpPortClientCount"] = clients.size() - static_cast<std::size_t>(ephemeral);
    out["responsibleClientCount"] = ephemeral;
  }
  call->respond(says.data(std::move(out)));
}

void operator_api::pushes(const exchange_ptr& call, const naming_parameters&,
                          const naming_dialect& says) {
  const auto c =
      services_.subscriptions ? services_.subscriptions->counts() : naming::push_counts{};
  call->respond(says.data(json{{"succeed", c.acked},
                               {"total", c.pushed},
                               {"failed", c.failed},
                               {"repeated", c.repeated},
                               {"skipped", c.skipped},
                               {"avgPushCost", c.acked == 0 ? 0 : c.cost_ms_total / c.acked},
                               {"maxPushCost", c.cost_ms_max},
                               {"subscribers", c.subscribers},
                               {"subscriptions", c.subscriptions}}));
}

/// Of this node, until it ends; loggers of Nacos's names do not exist here: all are one.
void operator_api::log_level(const exchange_ptr& call, const naming_parameters& p,
                             const naming_dialect& says) {
  const auto wanted = p.find("logLevel");
  if (!wanted) return call->respond(says.missing("logLevel"));
  std::string lower(*wanted);
  for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto level = spdlog::level::from_str(lower);
  if (level == spdlog::level::off && lower != "off") {
    return call->respond(says.refused(
        nacos_code::parameter_validate_error,
        "logLevel: '" + lower + "' is none of trace, debug, info, warn, error, critical, off"));
  }
  spdlog::set_level(level);
  call->respond(says.done());
}

}  // namespace

void add_naming_operator_routes(router& routes, const view_ptr& view, const naming_services& naming,
                                const server_options& options) {
  std::make_shared<operator_api>(view, naming, options)->add_to(routes);
}

}  // namespace troupe::http
