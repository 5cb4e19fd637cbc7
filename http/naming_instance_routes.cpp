// Instances: registered, deregistered, shown, listed. nacos-spec C.4.1 to C.4.3, C.7, C.11, C.12.
// What is persistent goes through its group; what is ephemeral stays on this node. Reads are
// answered from the catalogue: at once, and also while there is no leader (A.4.3).
#include <utility>

#include "http/ephemeral_answers.hpp"
#include "http/instance_ids.hpp"
#include "http/instance_parameters.hpp"
#include "http/json_answer.hpp"
#include "http/naming_services.hpp"
#include "http/naming_writes.hpp"
#include "naming/service_info.hpp"
#include "processors/persistent_instances.hpp"

namespace troupe::http {

namespace {

namespace told = processors::naming;
using json = nlohmann::ordered_json;

constexpr std::string_view instances_group = processors::persistent_instances::group_name;

class instance_api : public std::enable_shared_from_this<instance_api> {
 public:
  instance_api(const view_ptr& view, naming_services services, const server_options& options)
      : services_(std::move(services)), now_ms_(clock_of(options)), writes_(view, options) {}

  void add_to(router& routes);

 private:
  using method = void (instance_api::*)(const exchange_ptr&, const naming_parameters&,
                                        const naming_dialect&);

  void add(router& routes, const char* verb, const std::string& path, naming_version v, method m);
  void enroll(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void enroll_or_beat(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void withdraw(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void show(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void list(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void list_hosts(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void statuses(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void statuses_of(const exchange_ptr&, const naming_dialect&, std::string_view key) const;

  void propose(const exchange_ptr&, const naming_dialect&, std::string_view verb,
               const registration&, const told::stamp&);
  void subscribe(const exchange_ptr&, const naming_parameters&, const naming_dialect&,
                 const service_name&) const;
  [[nodiscard]] bool keeps_health(const registration&) const;

  naming_services services_;
  std::function<std::uint64_t()> now_ms_;
  naming_writes writes_;
};

void instance_api::add(router& routes, const char* verb, const std::string& path, naming_version v,
                       method m) {
  routes.add(verb, path, [self = shared_from_this(), m, v](const exchange_ptr& call, const auto&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
    (self.get()->*m)(call, *p, naming_dialect(v));
  });
}

void instance_api::add_to(router& routes) {
  for (const auto v : {naming_version::v1, naming_version::v2}) {
    const std::string instance =
        v == naming_version::v1 ? "/nacos/v1/ns/instance" : "/nacos/v2/ns/instance";
    add(routes, "POST", instance, v, &instance_api::enroll);
    add(routes, "DELETE", instance, v, &instance_api::withdraw);
    add(routes, "GET", instance, v, &instance_api::show);
    add(routes, "GET", instance + "/list", v, &instance_api::list);
  }
  const std::string client = "/nacos/v3/client/ns/instance";
  add(routes, "POST", client, naming_version::v2, &instance_api::enroll_or_beat);
  add(routes, "DELETE", client, naming_version::v2, &instance_api::withdraw);
  add(routes, "GET", client + "/list", naming_version::v2, &instance_api::list_hosts);
  for (const auto* verb : {"GET", "POST", "PUT", "DELETE"}) {
    add(routes, verb, "/nacos/v1/ns/instance/statuses", naming_version::v1,
        &instance_api::statuses);
    routes.add(verb, "/nacos/v2/ns/instance/statuses/{key}",
               [self = shared_from_this()](const exchange_ptr& call, const std::string& key) {
                 self->statuses_of(call, naming_dialect(naming_version::v2), key);
               });
  }
}

// ---- writing -----------------------------------------------------------------------------------

void instance_api::enroll(const exchange_ptr& call, const naming_parameters& p,
                          const naming_dialect& says) {
  auto r = read_registration(p, says);
  if (!r) return call->respond(r.error());
  const auto known = services_.catalogue->find(r->service);
  const auto stamp = writes_.stamp();
  r->instance.generated_id = generated_id(*r, known, stamp);
  if (r->ephemeral.value_or(services_.switches->now()->default_instance_ephemeral)) {
    const auto failed = services_.ephemeral->enroll(r->service, std::move(r->instance));
    return call->respond(failed ? ephemeral_failed(says, *failed, r->service) : says.done());
  }
  if (known && known->ephemeral) {
    return call->respond(says.refused(nacos_code::server_error, mixing_text(r->service, false)));
  }
  propose(call, says, told::verb_add, *r, stamp);
}

void instance_api::enroll_or_beat(const exchange_ptr& call, const naming_parameters& p,
                                  const naming_dialect& says) {
  if (!p.flag("heartBeat").value_or(false)) return enroll(call, p, says);
  const auto r = read_identity(p, says);
  if (!r) return call->respond(r.error());
  const auto beat = services_.ephemeral->beat(r->service, r->instance.ip, r->instance.port).outcome;
  if (beat == naming::beat_outcome::alive) return call->respond(says.done());
  // The client then registers. It looks at the code, not at the status.
  call->respond(beat == naming::beat_outcome::unknown
                    ? result_error(200, nacos_code::instance_not_found, nullptr)
                    : says.refused(nacos_code::server_error, mixing_text(r->service, true)));
}

/// nacos-spec C.12.3: what is meant by a deregistration that does not say which kind.
void instance_api::withdraw(const exchange_ptr& call, const naming_parameters& p,
                            const naming_dialect& says) {
  const auto r = read_identity(p, says);
  if (!r) return call->respond(r.error());
  const bool erased = r->ephemeral.value_or(true) &&
                      services_.ephemeral->withdraw(r->service, r->instance.ip, r->instance.port);
  const auto known = services_.catalogue->find(r->service);
  // A service that is unknown here may be known where the group is further.
  const bool may_be_persistent = !erased && !(known && known->ephemeral);
  if (r->ephemeral.value_or(!may_be_persistent)) return call->respond(says.done());
  propose(call, says, told::verb_delete, *r, writes_.stamp());
}

/// nacos-spec C.12.3: where nobody probes, what the client says is all that is known.
bool instance_api::keeps_health(const registration& r) const {
  const auto known = services_.catalogue->find(r.service);
  if (!known || !known->settings) return true;
  const auto cluster = known->settings->clusters.find(r.instance.cluster);
  return cluster == known->settings->clusters.end() || cluster->second.checker.type != "NONE";
}

void instance_api::propose(const exchange_ptr& call, const naming_dialect& says,
                           std::string_view verb, const registration& r, const told::stamp& stamp) {
  const auto& h = r.instance;
  told::command c;
  c.verb = verb;
  c.service = r.service.view();
  c.stamp = stamp;
  c.keep_health = keeps_health(r);
  c.instance.ip = h.ip;
  c.instance.port = h.port;
  c.instance.cluster = h.cluster;
  c.instance.healthy = h.healthy;
  c.instance.enabled = h.enabled;
  c.instance.weight = h.weight;
  c.instance.instance_id = h.generated_id;
  c.instance.metadata.assign(h.metadata.begin(), h.metadata.end());
  writes_.propose(
      call, instances_group, told::encode(c), [call, says] { call->respond(says.done()); },
      [says](const error& why) {
        // Rules that Nacos answers with an unchecked exception carry their code (C.3).
        const bool is_rule =
            why.code == error_code::refused && why.message.rfind("errCode: 400,", 0) == 0;
        return is_rule ? says.refused(nacos_code::server_error, why.message)
                       : says.failed(why, instances_group);
      });
}

// ---- reading -----------------------------------------------------------------------------------

void instance_api::show(const exchange_ptr& call, const naming_parameters& p,
                        const naming_dialect& says) {
  const auto r = read_identity(p, says);
  if (!r) return call->respond(r.error());
  const auto& wanted = r->instance;
  const auto known = services_.catalogue->find(r->service);
  if (!known || known->hosts.empty()) {
    return call->respond(says.refused(
        nacos_code::resource_not_found,
        "no ips found for cluster " + wanted.cluster + " in service " + r->service.grouped(), 404));
  }
  const auto found = naming::find_host(*known, wanted.ip, wanted.port, wanted.cluster);
  if (!found) {
    return call->respond(says.refused(nacos_code::resource_not_found, "no matched ip found!", 404));
  }
  call->respond(says.data(json{{says.is_v1() ? "service" : "serviceName", r->service.grouped()},
                               {"ip", found->ip},
                               {"port", found->port},
                               {"clusterName", found->cluster},
                               {"weight", found->weight},
                               {"healthy", found->healthy},
                               {"instanceId", found->instance_id(r->service)},
                               {"metadata", found->metadata}}));
}

/// The body is JSON already; it is the answer that clients ask for most.
response json_text(const naming_dialect& says, std::string body) {
  if (says.is_v1()) return {200, std::move(body), "application/json;charset=UTF-8", {}};
  return {200,
          R"({"code":0,"message":"success","data":)" + std::move(body) + '}',
          std::string(json_type),
          {}};
}

/// The clusters that a list is asked for, or the refusal.
naming_read<std::vector<std::string>> clusters_of(const naming_parameters& p,
                                                  const naming_dialect& says) {
  auto names = split_clusters(p.find(says.is_v1() ? "clusters" : "clusterName").value_or(""));
  if (names.size() <= told::clusters_asked_max) return names;
  return raft::unexpected(says.refused(nacos_code::parameter_validate_error,
                                       "Param 'clusters' is illegal, it names more than " +
                                           std::to_string(told::clusters_asked_max) +
                                           " clusters."));
}

/// nacos-spec C.4.3, C.14: who gives a port to push to is told of changes.
void instance_api::subscribe(const exchange_ptr& call, const naming_parameters& p,
                             const naming_dialect& says, const service_name& s) const {
  const auto port =
      parse_number(p.find(says.is_v1() ? "udpPort" : "port").value_or(""), 1, UINT16_MAX);
  const auto ip = p.find(says.is_v1() ? "clientIP" : "ip");
  if (!services_.subscriptions || !port || !ip) return;
  const auto& r = call->request();
  const auto agent = r.header("User-Agent").value_or("");
  services_.subscriptions->subscribe(
      s, {std::string(*ip), static_cast<std::uint16_t>(*port),
          std::string(agent.empty() ? r.header("Client-Version").value_or("") : agent),
          std::string(p.find("app").value_or("")),
          std::string(p.as_sent(says.is_v1() ? "clusters" : "clusterName").value_or(""))});
}

void instance_api::list(const exchange_ptr& call, const naming_parameters& p,
                        const naming_dialect& says) {
  if (!p.find("serviceName")) return call->respond(says.missing("serviceName"));
  const auto s = read_service(p);
  if (!s) return call->respond(says.dressed(s.error(), nacos_code::service_name_error));
  const auto clusters = clusters_of(p, says);
  if (!clusters) return call->respond(clusters.error());
  subscribe(call, p, says, *s);
  const auto known = services_.catalogue->find(*s);
  const bool healthy_only = equal_ignoring_case(p.find("healthyOnly").value_or(""), "true");
  naming::info_frame frame;
  frame.clusters = p.as_sent(says.is_v1() ? "clusters" : "clusterName").value_or("");
  frame.cache_ms = services_.switches->now()->push_cache_ms;
  frame.reference_ms = services_.catalogue->reference_time(*s, known, now_ms_());
  const auto chosen = naming::select(known.get(), *clusters, healthy_only);
  call->respond(json_text(says, naming::service_info(*s, chosen, frame)));
}

/// As v3 wants it: an array of hosts.
void instance_api::list_hosts(const exchange_ptr& call, const naming_parameters& p,
                              const naming_dialect& says) {
  if (!p.find("serviceName")) return call->respond(says.missing("serviceName"));
  const auto s = read_service(p);
  if (!s) return call->respond(says.dressed(s.error(), nacos_code::service_name_error));
  const auto clusters = clusters_of(p, says);
  if (!clusters) return call->respond(clusters.error());
  const bool healthy_only = equal_ignoring_case(p.find("healthyOnly").value_or(""), "true");
  const auto known = services_.catalogue->find(*s);
  const auto chosen = naming::select(known.get(), *clusters, healthy_only);
  call->respond(json_text(says, naming::hosts_info(*s, chosen)));
}

void instance_api::statuses(const exchange_ptr& call, const naming_parameters& p,
                            const naming_dialect& says) {
  const auto key = p.find("key");
  // Nacos words it differently here: it is an annotated parameter (C.3).
  if (!key) return call->respond(plain_text(400, "Parameter 'key' is missing"));
  statuses_of(call, says, *key);
}

void instance_api::statuses_of(const exchange_ptr& call, const naming_dialect& says,
                               std::string_view key) const {
  const auto hashes = key.find("##");
  const bool has_namespace = hashes != std::string_view::npos;
  const auto grouped = has_namespace ? key.substr(hashes + 2) : key;
  const auto at = grouped.find("@@");
  if (at == std::string_view::npos || at == 0 || at + 2 == grouped.size()) {
    return call->respond(says.refused(
        nacos_code::service_name_error,
        "Param 'serviceName' is illegal, it should be format as 'groupName@@serviceName'"));
  }
  const auto known = services_.catalogue->find(
      {std::string(has_namespace ? key.substr(0, hashes) : "public"),
       std::string(grouped.substr(0, at)), std::string(grouped.substr(at + 2))});
  json ips = json::array();
  if (known) {
    for (const auto& h : known->hosts) {
      ips.push_back(h->ip + ':' + std::to_string(h->port) + (h->healthy ? "_true" : "_false"));
    }
  }
  // Bare in v2, too. nacos-spec C.7.
  call->respond(naming_dialect(naming_version::v1).data(json{{"ips", std::move(ips)}}));
}

}  // namespace

void add_naming_instance_routes(router& routes, const view_ptr& view, const naming_services& naming,
                                const server_options& options) {
  std::make_shared<instance_api>(view, naming, options)->add_to(routes);
}

}  // namespace troupe::http
