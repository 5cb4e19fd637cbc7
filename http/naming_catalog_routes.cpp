// The catalogue of the naming API: what stands, unhealthy and disabled instances included; it never
// shows what protection makes of it. nacos-spec C.4.7, C.12.5.
#include <algorithm>
#include <utility>
#include <vector>

#include "http/json_answer.hpp"
#include "http/naming_dialect.hpp"
#include "http/naming_pages.hpp"
#include "http/naming_parameters.hpp"
#include "http/naming_services.hpp"
#include "http/naming_settings_parameters.hpp"
#include "http/routes.hpp"
#include "naming/service_info.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;
using catalogue_ptr = std::shared_ptr<const naming::catalogue>;

/// Annotated parameters are missed in other words. nacos-spec C.3.
std::optional<response> missing_annotated(const naming_parameters& p, const naming_dialect& says,
                                          const std::vector<const char*>& names) {
  for (const auto* name : names) {
    if (p.find(name)) continue;
    return says.is_v1() ? plain_text(400, "Parameter '" + std::string(name) + "' is missing")
                        : result_missing(name);
  }
  return std::nullopt;
}

// ---- services ----------------------------------------------------------------------------------

json row_of(const naming::service& s) {
  return json{{"name", s.key.name},
              {"groupName", s.key.service_group},
              {"clusterCount", cluster_names(s).size()},
              {"ipCount", s.hosts.size()},
              {"healthyInstanceCount", s.healthy},
              {"triggerFlag", naming::select(&s, {}, false).protects ? "true" : "false"}};
}

json with_instances(const naming::service& s) {
  json clusters = json::object();
  for (const auto& h : s.hosts) {
    clusters[h->cluster]["hosts"].push_back(json{{"ip", h->ip},
                                                 {"port", h->port},
                                                 {"valid", h->healthy},
                                                 {"weight", h->weight},
                                                 {"enabled", h->enabled},
                                                 {"metadata", h->metadata}});
  }
  return json{{"serviceName", s.key.name},
              {"groupName", s.key.service_group},
              {"clusterMap", std::move(clusters)},
              {"metadata", s.settings ? json(s.settings->metadata) : json::object()}};
}

bool holds(std::string_view text, std::optional<std::string_view> part) {
  return !part || text.find(*part) != std::string_view::npos;
}

void list_services(const exchange_ptr& call, const naming_parameters& p, const catalogue_ptr& all) {
  const naming_dialect says(naming_version::v1);
  if (auto missing = missing_annotated(p, says, {"pageNo", "pageSize"})) {
    return call->respond(std::move(*missing));
  }
  const auto page = read_page(p, says);
  if (!page) return call->respond(page.error());
  const bool instances = p.flag("withInstances").value_or(true);
  const bool only_with_hosts = p.flag("hasIpCount").value_or(false);
  const auto address = p.find("instance");
  std::uint64_t count = 0;
  json rows = json::array();
  all->each(p.find("namespaceId").value_or("public"), [&](const naming::service_ptr& s) {
    if (!holds(s->key.name, p.find("serviceNameParam"))) return true;
    if (!holds(s->key.service_group, p.find("groupNameParam"))) return true;
    if (only_with_hosts && s->hosts.empty()) return true;
    const auto at_address = [&](const auto& h) {
      return h->ip + ':' + std::to_string(h->port) == *address;
    };
    if (address && std::none_of(s->hosts.begin(), s->hosts.end(), at_address)) return true;
    if (page->holds(count++)) rows.push_back(instances ? with_instances(*s) : row_of(*s));
    return true;
  });
  if (instances) return call->respond(says.data(std::move(rows)));
  call->respond(says.data(json{{"count", count}, {"serviceList", std::move(rows)}}));
}

// ---- one service -------------------------------------------------------------------------------

void list_instances(const exchange_ptr& call, const naming_parameters& p, const catalogue_ptr& all,
                    const naming_dialect& says) {
  const std::vector<const char*> required =
      says.is_v1() ? std::vector{"serviceName", "clusterName", "pageNo", "pageSize"}
                   : std::vector{"serviceName"};
  if (auto missing = missing_annotated(p, says, required)) {
    return call->respond(std::move(*missing));
  }
  const auto name = read_service(p);
  if (!name) return call->respond(says.dressed(name.error(), nacos_code::service_name_error));
  const auto page = says.is_v1() ? read_page(p, says) : read_page(p, says, naming_page{1, 100});
  if (!page) return call->respond(page.error());
  const auto s = all->find(*name);
  if (!s) {
    return call->respond(says.refused(nacos_code::service_not_exist,
                                      "service " + name->grouped() + " is not found!", 404));
  }
  const auto cluster = p.find("clusterName");
  std::uint64_t count = 0;
  std::string list;
  for (const auto& h : s->hosts) {
    if (cluster && h->cluster != *cluster) continue;
    if (!page->holds(count++)) continue;
    if (!list.empty()) list += ',';
    naming::append_host(list, s->key, *h, h->healthy);
  }
  auto body = "{\"list\":[" + list + "],\"count\":" + std::to_string(count) + '}';
  if (!says.is_v1()) body = R"({"code":0,"message":"success","data":)" + body + '}';
  call->respond({200, std::move(body), "application/json;charset=UTF-8", {}});
}

void show_service(const exchange_ptr& call, const naming_parameters& p, const catalogue_ptr& all) {
  const naming_dialect says(naming_version::v1);
  if (auto missing = missing_annotated(p, says, {"serviceName"})) {
    return call->respond(std::move(*missing));
  }
  const auto name = read_service(p);
  if (!name) return call->respond(name.error());
  const auto s = all->find(*name);
  if (!s) {
    return call->respond(plain_text(404, "service " + name->grouped() + " is not found!"));
  }
  const auto settings = s->settings ? *s->settings : processors::naming::service_settings{};
  json clusters = json::array();
  for (const auto& cluster : cluster_names(*s)) {
    const auto c = cluster_of(*s, cluster);
    clusters.push_back(json{{"serviceName", name->grouped()},
                            {"name", cluster},
                            {"healthChecker", checker_json(c.checker)},
                            {"defaultPort", 80},
                            {"defaultCheckPort", c.check_port},
                            {"useIPPort4Check", c.use_instance_port},
                            {"metadata", c.metadata}});
  }
  call->respond(says.data(json{{"service", json{{"name", s->key.name},
                                                {"groupName", s->key.service_group},
                                                {"protectThreshold", settings.protect_threshold},
                                                {"selector", selector_json(settings)},
                                                {"metadata", settings.metadata}}},
                               {"clusters", std::move(clusters)}}));
}

template <class Answer>
void add(router& routes, const char* path, Answer answer) {
  routes.add("GET", path, [answer](const exchange_ptr& call, const auto&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
    answer(call, *p);
  });
}

}  // namespace

void add_naming_catalog_routes(router& routes, const naming_services& naming) {
  const catalogue_ptr all = naming.catalogue;
  add(routes, "/nacos/v1/ns/catalog/services",
      [all](const exchange_ptr& call, const auto& p) { list_services(call, p, all); });
  add(routes, "/nacos/v1/ns/catalog/service",
      [all](const exchange_ptr& call, const auto& p) { show_service(call, p, all); });
  add(routes, "/nacos/v1/ns/catalog/instances", [all](const exchange_ptr& call, const auto& p) {
    list_instances(call, p, all, naming_dialect(naming_version::v1));
  });
  add(routes, "/nacos/v2/ns/catalog/instances", [all](const exchange_ptr& call, const auto& p) {
    list_instances(call, p, all, naming_dialect(naming_version::v2));
  });
}

}  // namespace troupe::http
