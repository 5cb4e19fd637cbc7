// The part of Nacos's naming API that is served: persistent instances. nacos-spec C.4, C.12;
// answers byte for byte as its clients need them (D.6). Naming reads are local: they are served by
// every node also while there is no leader (A.4.3).
#include <atomic>
#include <random>

#include "http/naming_bodies.hpp"
#include "http/naming_parameters.hpp"
#include "http/routes.hpp"
#include "processors/persistent_instances.hpp"

namespace troupe::http {

namespace {

namespace naming = processors::naming;

constexpr std::string_view group_name = processors::persistent_instances::group_name;
constexpr std::string_view generator_key = "preserved.instance.id.generator";
constexpr std::uint64_t page_max = std::uint64_t{1} << 31U;

std::uint64_t system_now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

/// nacos-spec A.4.2: clients rotate to the next server on 5xx.
response write_failed(const error& e) {
  switch (e.code) {
    case error_code::no_leader:
    case error_code::not_leader:
      return plain_text(500, "caused: The Raft Group [" + std::string(group_name) +
                                 "] did not find the Leader node;");
    case error_code::invalid_argument:
    case error_code::too_large:
      return plain_text(400, e.message);
    case error_code::refused:
      // Rules that Nacos answers with an unchecked exception carry their code in the text (C.3).
      if (e.message.rfind("errCode: 400,", 0) == 0) return plain_text(400, e.message);
      return plain_text(500, "caused: " + e.message + ";");
    default:
      return plain_text(
          500, "caused: " + (e.message.empty() ? std::string(name_of(e.code)) : e.message) + ";");
  }
}

response read_failed(const error& e) {
  return plain_text(
      500, "caused: " + (e.message.empty() ? std::string(name_of(e.code)) : e.message) + ";");
}

response unreadable(const codec::decode_error& e) {
  return plain_text(500, "caused: the processor's answer cannot be read: " + e.what + ";");
}

class naming_api : public std::enable_shared_from_this<naming_api> {
 public:
  naming_api(view_ptr view, const server_options& options)
      : view_(std::move(view)),
        node_(options.node),
        now_ms_(options.now_ms ? options.now_ms : system_now_ms),
        next_request_(std::random_device{}()) {}

  void add_to(router& routes);

 private:
  using method = void (naming_api::*)(const exchange_ptr&, const naming_parameters&);

  handler guarded(method m);
  void enroll(const exchange_ptr& call, const naming_parameters& p);
  void withdraw(const exchange_ptr& call, const naming_parameters& p);
  void show(const exchange_ptr& call, const naming_parameters& p);
  void list(const exchange_ptr& call, const naming_parameters& p);
  void catalog(const exchange_ptr& call, const naming_parameters& p);

  void propose(const exchange_ptr& call, std::string_view verb, const registration& r);
  void ask(const exchange_ptr& call, std::string query,
           std::function<response(const naming::instances_reply&)> shape);
  std::string generated_id(const registration& r, const naming::stamp& s) const;

  view_ptr view_;
  raft::node_id node_;
  std::function<std::uint64_t()> now_ms_;
  /// Starts by chance, so that a restarted node does not use an id again.
  std::atomic<std::uint64_t> next_request_;
};

handler naming_api::guarded(method m) {
  return [self = shared_from_this(), m](const exchange_ptr& call, const std::string&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
    (self.get()->*m)(call, *p);
  };
}

void naming_api::add_to(router& routes) {
  const std::string instance = "/nacos/v1/ns/instance";
  routes.add("POST", instance, guarded(&naming_api::enroll));
  routes.add("DELETE", instance, guarded(&naming_api::withdraw));
  routes.add("GET", instance, guarded(&naming_api::show));
  routes.add("GET", instance + "/list", guarded(&naming_api::list));
  routes.add("GET", "/nacos/v1/ns/catalog/instances", guarded(&naming_api::catalog));
}

void naming_api::enroll(const exchange_ptr& call, const naming_parameters& p) {
  const auto r = read_registration(p);
  if (!r) return call->respond(r.error());
  if (r->ephemeral.value_or(true)) {
    return call->respond(plain_text(
        400, "Only persistent instances are served so far: register with ephemeral=false."));
  }
  propose(call, naming::verb_add, *r);
}

void naming_api::withdraw(const exchange_ptr& call, const naming_parameters& p) {
  const auto r = read_identity(p);
  if (!r) return call->respond(r.error());
  // nacos-spec C.12.3: without the parameter the persistent one is meant, as there is no other; an
  // explicit true keeps its meaning, and there is no ephemeral instance to withdraw.
  if (r->ephemeral.value_or(false)) return call->respond(plain_text(200, "ok"));
  propose(call, naming::verb_delete, *r);
}

void naming_api::show(const exchange_ptr& call, const naming_parameters& p) {
  auto r = read_identity(p);
  if (!r) return call->respond(r.error());
  const naming::get_instance q{r->service.view(), r->ip, r->port};
  auto query = naming::encode(q);
  ask(call, std::move(query),
      [service = std::move(r->service), cluster = std::move(r->cluster)](const auto& found) {
        if (!found.instances.empty() && found.instances[0].cluster == cluster) {
          return instance_info(service.view(), found.instances[0]);
        }
        if (found.total > 0) return plain_text(404, "no matched ip found!");
        return plain_text(
            404, "no ips found for cluster " + cluster + " in service " + service.grouped());
      });
}

void naming_api::list(const exchange_ptr& call, const naming_parameters& p) {
  auto service = read_service(p);
  if (!service) return call->respond(service.error());
  const auto names = split_clusters(p.find("clusters").value_or(""));
  if (names.size() > naming::clusters_asked_max) {
    return call->respond(plain_text(400, "Param 'clusters' is illegal, it names more than " +
                                             std::to_string(naming::clusters_asked_max) +
                                             " clusters."));
  }
  const auto query =
      naming::encode(naming::list_instances{service->view(), {names.begin(), names.end()}});
  const bool healthy_only = equal_ignoring_case(p.find("healthyOnly").value_or(""), "true");
  ask(call, query,
      [service = std::move(*service), healthy_only,
       clusters = std::string(p.as_sent("clusters").value_or(""))](const auto& found) {
        return service_info(service.view(), clusters, healthy_only, found);
      });
}

void naming_api::catalog(const exchange_ptr& call, const naming_parameters& p) {
  for (const auto* name : {"serviceName", "clusterName", "pageNo", "pageSize"}) {
    // Nacos words it differently here: these are annotated parameters (C.3).
    if (!p.find(name)) {
      return call->respond(plain_text(400, "Parameter '" + std::string(name) + "' is missing"));
    }
  }
  auto service = read_service(p);
  if (!service) return call->respond(service.error());
  const auto page = parse_number(*p.find("pageNo"), 1, page_max);
  const auto size = parse_number(*p.find("pageSize"), 1, page_max);
  if (!page || !size) {
    return call->respond(plain_text(400, "pageNo and pageSize are numbers from 1"));
  }
  const auto cluster = *p.find("clusterName");
  const auto query = naming::encode(naming::list_instances{service->view(), {cluster}});
  ask(call, query, [service = std::move(*service), page = *page, size = *size](const auto& found) {
    if (!found.known) {
      return plain_text(404, "service " + service.grouped() + " is not found!");
    }
    return instance_page(service.view(), found.instances, page, size);
  });
}

/// nacos-spec C.12.2: made by the proposer, so that apply needs no chance.
std::string naming_api::generated_id(const registration& r, const naming::stamp& s) const {
  const auto wanted = r.metadata.find(std::string(generator_key));
  if (wanted == r.metadata.end() || wanted->second != "snowflake") return {};
  const auto number = ((s.proposer_ms & ((std::uint64_t{1} << 41U) - 1)) << 22U) |
                      ((node_.value() & 1'023U) << 12U) | (s.request_id & 4'095U);
  return std::to_string(number) + '#' + r.cluster + '#' + r.service.grouped();
}

void naming_api::propose(const exchange_ptr& call, std::string_view verb, const registration& r) {
  naming::command c;
  c.verb = verb;
  c.service = r.service.view();
  c.stamp = {now_ms_(), next_request_++, node_};
  const auto id = generated_id(r, c.stamp);
  c.instance.ip = r.ip;
  c.instance.port = r.port;
  c.instance.cluster = r.cluster;
  c.instance.healthy = r.healthy;
  c.instance.enabled = r.enabled;
  c.instance.weight = r.weight;
  c.instance.instance_id = id;
  c.instance.metadata.assign(r.metadata.begin(), r.metadata.end());
  view_->group(std::string(group_name))
      .propose(raft::bytes(naming::encode(c)), {},
               on_strand(
                   call, [call](const troupe::response&) { call->respond(plain_text(200, "ok")); },
                   write_failed));
}

void naming_api::ask(const exchange_ptr& call, std::string query,
                     std::function<response(const naming::instances_reply&)> shape) {
  query_options options;
  options.consistency = consistency::local;
  view_->group(std::string(group_name))
      .query(raft::bytes(std::move(query)), options,
             on_strand(
                 call,
                 [call, shape = std::move(shape)](const troupe::response& answered) {
                   const auto found = naming::decode_instances_reply(answered.data.view());
                   call->respond(found ? shape(*found) : unreadable(found.error()));
                 },
                 read_failed));
}

}  // namespace

void add_naming_routes(router& routes, const view_ptr& view, const naming_services&,
                       const server_options& options) {
  std::make_shared<naming_api>(view, options)->add_to(routes);
}

}  // namespace troupe::http
