// Who publishes and who subscribes, client by client. nacos-spec C.7.
#include <charconv>
#include <utility>

#include "http/naming_dialect.hpp"
#include "http/naming_parameters.hpp"
#include "http/naming_services.hpp"
#include "http/naming_writes.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

/// "ip:port#false": the parts of a client's name.
struct client_name {
  std::string ip;
  std::string port;
  bool ephemeral = false;
};

std::optional<client_name> parse(std::string_view id) {
  const auto mark = id.rfind('#');
  const auto colon = id.rfind(':', mark);
  if (mark == std::string_view::npos || colon == std::string_view::npos) return std::nullopt;
  const auto kind = id.substr(mark + 1);
  if (kind != "true" && kind != "false") return std::nullopt;
  return client_name{std::string(id.substr(0, colon)),
                     std::string(id.substr(colon + 1, mark - colon - 1)), kind == "true"};
}

json service_json(const naming::service_key& key) {
  return json{
      {"namespace", key.namespace_id}, {"group", key.service_group}, {"serviceName", key.name}};
}

class client_api : public std::enable_shared_from_this<client_api> {
 public:
  client_api(naming_services services, const server_options& options)
      : services_(std::move(services)), started_ms_(clock_of(options)()) {}

  void add_to(router& routes);

 private:
  using method = void (client_api::*)(const exchange_ptr&, const naming_parameters&);

  void add(router& routes, const std::string& path, method m);
  void list(const exchange_ptr&, const naming_parameters&);
  void show(const exchange_ptr&, const naming_parameters&);
  void published(const exchange_ptr&, const naming_parameters&);
  void subscribed(const exchange_ptr&, const naming_parameters&);
  void publishers(const exchange_ptr&, const naming_parameters&);
  void subscribers(const exchange_ptr&, const naming_parameters&);

  /// The client that is asked about, when it publishes or subscribes anything; or the refusal.
  naming_read<client_name> known_client(const naming_parameters& p) const;
  [[nodiscard]] std::vector<naming::service_key> subscribed_by(std::string_view id) const {
    if (!services_.subscriptions) return {};
    return services_.subscriptions->subscribed_by(id);
  }

  naming_services services_;
  std::uint64_t started_ms_;
};

void client_api::add(router& routes, const std::string& path, method m) {
  routes.add("GET", "/nacos/v2/ns/client" + path,
             [self = shared_from_this(), m](const exchange_ptr& call, const auto&) {
               const auto p = naming_parameters::of(call->request());
               if (!p) return call->respond(p.error());
               if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
               (self.get()->*m)(call, *p);
             });
}

void client_api::add_to(router& routes) {
  add(routes, "/list", &client_api::list);
  add(routes, "", &client_api::show);
  add(routes, "/publish/list", &client_api::published);
  add(routes, "/subscribe/list", &client_api::subscribed);
  add(routes, "/service/publisher/list", &client_api::publishers);
  add(routes, "/service/subscriber/list", &client_api::subscribers);
}

naming_read<client_name> client_api::known_client(const naming_parameters& p) const {
  const auto id = p.find("clientId");
  if (!id) return raft::unexpected(result_missing("clientId"));
  auto parts = parse(*id);
  const bool is_known =
      parts && (!services_.catalogue->published_by(*id).empty() || !subscribed_by(*id).empty());
  if (!is_known) {
    return raft::unexpected(result_error(404, nacos_code::resource_not_found,
                                         "clientId [ " + std::string(*id) + " ] not exist"));
  }
  return std::move(*parts);
}

void client_api::list(const exchange_ptr& call, const naming_parameters&) {
  auto ids = services_.catalogue->clients();
  if (services_.subscriptions) {
    for (auto& id : services_.subscriptions->subscribed_clients()) ids.push_back(std::move(id));
  }
  call->respond(result_ok(ids));
}

void client_api::show(const exchange_ptr& call, const naming_parameters& p) {
  const auto c = known_client(p);
  if (!c) return call->respond(c.error());
  std::uint64_t updated_ms = started_ms_;
  for (const auto& key : services_.catalogue->published_by(*p.find("clientId"))) {
    if (const auto s = services_.catalogue->find(key)) {
      updated_ms = std::max(updated_ms, s->changed_ms);
    }
  }
  call->respond(result_ok(json{{"clientId", *p.find("clientId")},
                               {"ephemeral", c->ephemeral},
                               {"lastUpdatedTime", updated_ms},
                               {"clientType", "ipPort"},
                               {"clientIp", c->ip},
                               {"clientPort", c->port}}));
}

void client_api::published(const exchange_ptr& call, const naming_parameters& p) {
  const auto c = known_client(p);
  if (!c) return call->respond(c.error());
  const auto id = *p.find("clientId");
  json rows = json::array();
  for (const auto& key : services_.catalogue->published_by(id)) {
    const auto s = services_.catalogue->find(key);
    if (!s) continue;
    for (const auto& h : s->hosts) {
      if (h->client() != id) continue;
      auto row = service_json(key);
      row["registeredInstance"] = json{{"ip", h->ip}, {"port", h->port}, {"cluster", h->cluster}};
      rows.push_back(std::move(row));
    }
  }
  call->respond(result_ok(std::move(rows)));
}

void client_api::subscribed(const exchange_ptr& call, const naming_parameters& p) {
  const auto c = known_client(p);
  if (!c) return call->respond(c.error());
  const auto id = *p.find("clientId");
  json rows = json::array();
  for (const auto& key : subscribed_by(id)) {
    for (const auto& who : services_.subscriptions->subscribers(key)) {
      if (who.client() != id) continue;
      auto row = service_json(key);
      row["subscriberInfo"] = json{{"app", who.app}, {"agent", who.agent}, {"addr", who.ip}};
      rows.push_back(std::move(row));
    }
  }
  call->respond(result_ok(std::move(rows)));
}

/// Rows of one service, of `ip` and `port` alone where those are given.
template <class Row>
bool is_wanted(const naming_parameters& p, const Row& ip, std::uint16_t port) {
  const auto wanted_ip = p.find("ip");
  const auto wanted_port = p.find("port");
  return (!wanted_ip || *wanted_ip == ip) && (!wanted_port || *wanted_port == std::to_string(port));
}

void client_api::publishers(const exchange_ptr& call, const naming_parameters& p) {
  if (!p.find("serviceName")) return call->respond(result_missing("serviceName"));
  const auto name = read_service(p);
  if (!name)
    return call->respond(result_error(400, nacos_code::service_name_error, name.error().body));
  json rows = json::array();
  const auto s = services_.catalogue->find(*name);
  const auto kind = p.flag("ephemeral");
  if (s && (!kind || *kind == s->ephemeral)) {
    for (const auto& h : s->hosts) {
      if (!is_wanted(p, h->ip, h->port)) continue;
      rows.push_back(json{{"clientId", h->client()}, {"ip", h->ip}, {"port", h->port}});
    }
  }
  call->respond(result_ok(std::move(rows)));
}

void client_api::subscribers(const exchange_ptr& call, const naming_parameters& p) {
  if (!p.find("serviceName")) return call->respond(result_missing("serviceName"));
  const auto name = read_service(p);
  if (!name)
    return call->respond(result_error(400, nacos_code::service_name_error, name.error().body));
  json rows = json::array();
  if (services_.subscriptions) {
    for (const auto& who : services_.subscriptions->subscribers(*name)) {
      if (!is_wanted(p, who.ip, who.udp_port)) continue;
      rows.push_back(json{{"clientId", who.client()}, {"ip", who.ip}, {"port", who.udp_port}});
    }
  }
  call->respond(result_ok(std::move(rows)));
}

}  // namespace

void add_naming_client_routes(router& routes, const naming_services& naming,
                              const server_options& options) {
  std::make_shared<client_api>(naming, options)->add_to(routes);
}

}  // namespace troupe::http
