// Settings of a service's clusters, and health that is set by hand where nobody probes.
// nacos-spec C.4.6, C.7.
#include <utility>

#include "http/instance_parameters.hpp"
#include "http/json_answer.hpp"
#include "http/naming_dialect.hpp"
#include "http/naming_services.hpp"
#include "http/naming_settings_parameters.hpp"
#include "http/naming_writes.hpp"
#include "processors/naming_service_messages.hpp"
#include "processors/naming_settings_messages.hpp"
#include "processors/persistent_instances.hpp"
#include "processors/service_metadata.hpp"

namespace troupe::http {

namespace {

namespace told = processors::naming;
using json = nlohmann::ordered_json;

constexpr std::string_view instances_group = processors::persistent_instances::group_name;
constexpr std::string_view settings_group = processors::service_metadata::group_name;
constexpr std::string_view set_by_hand = "set by request";

class cluster_api : public std::enable_shared_from_this<cluster_api> {
 public:
  cluster_api(const view_ptr& view, naming_services services, const server_options& options)
      : services_(std::move(services)), writes_(view, options) {}

  void add_to(router& routes);

 private:
  using method = void (cluster_api::*)(const exchange_ptr&, const naming_parameters&,
                                       const naming_dialect&);

  void add(router& routes, const std::string& path, naming_version v, method m);
  void set_cluster(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void set_health(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  [[nodiscard]] naming::service_ptr find(const service_name& s) const {
    return services_.catalogue->find(s);
  }

  naming_services services_;
  naming_writes writes_;
};

void cluster_api::add(router& routes, const std::string& path, naming_version v, method m) {
  routes.add("PUT", path, [self = shared_from_this(), m, v](const exchange_ptr& call, const auto&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
    (self.get()->*m)(call, *p, naming_dialect(v));
  });
}

void cluster_api::add_to(router& routes) {
  add(routes, "/nacos/v1/ns/cluster", naming_version::v1, &cluster_api::set_cluster);
  for (const auto* health : {"/health", "/health/instance"}) {
    add(routes, std::string("/nacos/v1/ns") + health, naming_version::v1, &cluster_api::set_health);
    add(routes, std::string("/nacos/v2/ns") + health, naming_version::v2, &cluster_api::set_health);
  }
}

void cluster_api::set_cluster(const exchange_ptr& call, const naming_parameters& p,
                              const naming_dialect& says) {
  for (const auto* name :
       {"serviceName", "clusterName", "checkPort", "useInstancePort4Check", "healthChecker"}) {
    if (!p.find(name)) return call->respond(says.missing(name));
  }
  const auto s = read_service(p);
  if (!s) return call->respond(s.error());
  const auto cluster = read_cluster(p);
  if (!cluster) {
    return call->respond(says.refused(nacos_code::parameter_validate_error, cluster.error().text));
  }
  const auto known = find(*s);
  if (!known) {
    return call->respond(
        says.refused(nacos_code::service_not_exist, "service not found:" + s->grouped()));
  }
  told::service_settings settings;
  settings.ephemeral = known->ephemeral;
  settings.clusters[std::string(*p.find("clusterName"))] = *cluster;
  const told::settings_command c{told::verb_add, s->view(), settings, writes_.stamp()};
  writes_.propose(
      call, settings_group, told::encode(c), [call, says] { call->respond(says.done()); },
      [says](const error& why) { return says.failed(why, settings_group); });
}

/// Only where a cluster was given the checker NONE: elsewhere the probes would undo it.
void cluster_api::set_health(const exchange_ptr& call, const naming_parameters& p,
                             const naming_dialect& says) {
  for (const auto* name : {"serviceName", "ip", "port"}) {
    if (!p.find(name)) return call->respond(says.missing(name));
  }
  const auto healthy = p.find("healthy") ? p.flag("healthy") : p.flag("valid");
  if (!healthy) {
    return call->respond(says.is_v1()
                             ? says.missing("healthy")
                             : result_error(400, nacos_code::healthy_parameter_missing,
                                            "Required parameter 'healthy' is not present"));
  }
  const auto r = read_identity(p, says);
  if (!r) return call->respond(r.error());
  const auto known = find(r->service);
  if (!known) {
    return call->respond(says.refused(nacos_code::service_not_exist,
                                      told::service_not_found_text(r->service.view())));
  }
  const bool was_set = known->settings && known->settings->clusters.contains(r->instance.cluster);
  if (!was_set || cluster_of(*known, r->instance.cluster).checker.type != "NONE") {
    return call->respond(
        says.refused(nacos_code::health_check_still_running,
                     "health check is still working, service: " + r->service.grouped() +
                         ", cluster: " + r->instance.cluster));
  }
  const told::change_health c{{{r->service.view(), r->instance.ip, r->instance.port,
                                r->instance.cluster, *healthy, set_by_hand}},
                              writes_.stamp()};
  writes_.propose(
      call, instances_group, told::encode(c), [call, says] { call->respond(says.done()); },
      [says](const error& why) { return says.failed(why, instances_group); });
}

json checkers() {
  told::health_checker http, mysql, none, tcp;
  http.type = "HTTP";
  mysql.type = "MYSQL";
  none.type = "NONE";
  return json{{"TCP", checker_json(tcp)},
              {"HTTP", checker_json(http)},
              {"MYSQL", checker_json(mysql)},
              {"NONE", checker_json(none)}};
}

}  // namespace

void add_naming_cluster_routes(router& routes, const view_ptr& view, const naming_services& naming,
                               const server_options& options) {
  std::make_shared<cluster_api>(view, naming, options)->add_to(routes);
  routes.add("GET", "/nacos/v1/ns/health/server",
             [services = naming.catalogue](const exchange_ptr& call, const auto&) {
               const auto counts = services->counts();
               call->respond(json_answer(
                   json{{"msg", "Hello! I am Nacos-Naming and healthy! total services: " +
                                    std::to_string(counts.services) +
                                    ", total instances: " + std::to_string(counts.instances)}}));
             });
  routes.add("GET", "/nacos/v1/ns/health/checkers",
             [](const exchange_ptr& call, const auto&) { call->respond(json_answer(checkers())); });
}

}  // namespace troupe::http
