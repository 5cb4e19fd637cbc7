// What operators lay over instances: weight, enabled, metadata. nacos-spec C.4.2, C.7, E.3. Of
// persistent instances it goes through the group of overlays, which merges, so that two operators
// do not undo each other's changes; of ephemeral ones it stays on this node like they do.
#include <algorithm>
#include <map>
#include <utility>

#include "http/ephemeral_answers.hpp"
#include "http/instance_parameters.hpp"
#include "http/naming_services.hpp"
#include "http/naming_writes.hpp"
#include "processors/instance_metadata.hpp"
#include "processors/naming_overlay_messages.hpp"

namespace troupe::http {

namespace {

namespace told = processors::naming;
using json = nlohmann::ordered_json;

constexpr std::string_view overlays_group = processors::instance_metadata::group_name;

class overlay_api : public std::enable_shared_from_this<overlay_api> {
 public:
  overlay_api(const view_ptr& view, naming_services services, const server_options& options)
      : services_(std::move(services)), writes_(view, options) {}

  void add_to(router& routes);

 private:
  using method = void (overlay_api::*)(const exchange_ptr&, const naming_parameters&,
                                       const naming_dialect&);
  /// What is changed about which hosts of a service; their order is that of the answer.
  struct batch {
    naming::service_ptr service;
    std::vector<naming::host_ptr> hosts;
    naming::overlay_change change;
  };

  void add(router& routes, const char* verb, const std::string& path, naming_version v, method m);
  void update(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void patch(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void merge(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void remove(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void change_metadata(const exchange_ptr&, const naming_parameters&, const naming_dialect&,
                       told::metadata_edit edit);

  /// Proposes for the hosts from `first` on, as many as one entry takes, and goes on behind them.
  void propose(const exchange_ptr& call, const naming_dialect& says,
               std::shared_ptr<const batch> what, std::size_t first, const response& done);

  naming_services services_;
  naming_writes writes_;
};

void overlay_api::add(router& routes, const char* verb, const std::string& path, naming_version v,
                      method m) {
  routes.add(verb, path, [self = shared_from_this(), m, v](const exchange_ptr& call, const auto&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
    (self.get()->*m)(call, *p, naming_dialect(v));
  });
}

void overlay_api::add_to(router& routes) {
  for (const auto v : {naming_version::v1, naming_version::v2}) {
    const std::string instance =
        v == naming_version::v1 ? "/nacos/v1/ns/instance" : "/nacos/v2/ns/instance";
    add(routes, "PUT", instance, v, &overlay_api::update);
    add(routes, "PATCH", instance, v, &overlay_api::patch);
    add(routes, "PUT", instance + "/metadata/batch", v, &overlay_api::merge);
    add(routes, "DELETE", instance + "/metadata/batch", v, &overlay_api::remove);
  }
}

// ---- one instance ------------------------------------------------------------------------------

/// All of the overlay: what is not said has its default. Also before the instance is known here.
void overlay_api::update(const exchange_ptr& call, const naming_parameters& p,
                         const naming_dialect& says) {
  const auto r = read_registration(p, says);
  if (!r) return call->respond(r.error());
  const auto& h = r->instance;
  const auto known = services_.catalogue->find(r->service);
  if (!known) {
    return call->respond(says.refused(nacos_code::instance_error,
                                      "service not found, namespace: " + r->service.namespace_id +
                                          ", service: " + r->service.grouped()));
  }
  if (known->ephemeral) {
    const naming::overlay_change change{h.enabled, h.weight, told::metadata_edit::replace,
                                        h.metadata};
    const auto failed = services_.ephemeral->lay_over(r->service, h.ip, h.port, h.cluster, change);
    return call->respond(failed ? ephemeral_failed(says, *failed, r->service) : says.done());
  }
  const auto tag = h.tag();
  const told::overlay_command c{told::verb_change,
                                r->service.view(),
                                tag,
                                {h.enabled, h.weight, h.metadata},
                                writes_.stamp()};
  writes_.propose(
      call, overlays_group, told::encode(c), [call, says] { call->respond(says.done()); },
      [says](const error& why) { return says.failed(why, overlays_group); });
}

void overlay_api::patch(const exchange_ptr& call, const naming_parameters& p,
                        const naming_dialect& says) {
  const auto r = read_identity(p, says);
  if (!r) return call->respond(r.error());
  if (!says.is_v1()) {
    for (const auto* name : {"weight", "enabled", "metadata"}) {
      if (!p.find(name)) return call->respond(says.missing(name));
    }
  }
  auto change = read_patch(p, says);
  if (!change) return call->respond(change.error());
  const auto& wanted = r->instance;
  const auto known = services_.catalogue->find(r->service);
  const auto found =
      known ? naming::find_host(*known, wanted.ip, wanted.port, wanted.cluster) : nullptr;
  if (!found) {
    const bool is_empty = !known || known->hosts.empty();
    return call->respond(says.refused(nacos_code::resource_not_found,
                                      is_empty ? "no ips found for cluster " + wanted.cluster +
                                                     " in service " + r->service.grouped()
                                               : "no matched ip found!",
                                      404));
  }
  const auto done = plain_text(200, "ok");  // bare in v2, too. nacos-spec C.7
  if (found->ephemeral) {
    const auto failed =
        services_.ephemeral->lay_over(r->service, found->ip, found->port, found->cluster, *change);
    return call->respond(failed ? ephemeral_failed(says, *failed, r->service) : done);
  }
  auto what = std::make_shared<batch>();
  what->service = known;
  what->hosts = {found};
  what->change = std::move(*change);
  propose(call, says, std::move(what), 0, done);
}

// ---- many instances ----------------------------------------------------------------------------

void overlay_api::merge(const exchange_ptr& call, const naming_parameters& p,
                        const naming_dialect& says) {
  change_metadata(call, p, says, told::metadata_edit::merge);
}

void overlay_api::remove(const exchange_ptr& call, const naming_parameters& p,
                         const naming_dialect& says) {
  change_metadata(call, p, says, told::metadata_edit::remove);
}

/// Those of `instances` that stand, all when it names none; of the kind that `consistencyType`
/// says, when it is given.
std::vector<naming::host_ptr> targets_of(const naming::service& s, const naming_parameters& p) {
  const auto kind = p.find("consistencyType");
  if (kind && (*kind == "persist") == s.ephemeral) return {};
  const auto named = read_targets(p);
  if (!named) return s.hosts;
  std::map<std::string, naming::host_ptr> standing;
  for (const auto& h : s.hosts) standing.emplace(h->tag(), h);
  std::vector<naming::host_ptr> out;
  for (const auto& each : *named) {
    // Taken once, however often it is named.
    auto found =
        standing.extract(processors::naming::overlay_tag(each.ip, each.port, each.cluster));
    if (found) out.push_back(std::move(found.mapped()));
  }
  return out;
}

response updated(const std::vector<naming::host_ptr>& hosts, const naming_dialect& says) {
  json names = json::array();
  for (const auto& h : hosts) {
    names.push_back(h->ip + ':' + std::to_string(h->port) + ":unknown:" + h->cluster +
                    (h->ephemeral ? ":ephemeral" : ":persist"));
  }
  return says.data(json{{"updated", std::move(names)}});
}

void overlay_api::change_metadata(const exchange_ptr& call, const naming_parameters& p,
                                  const naming_dialect& says, told::metadata_edit edit) {
  for (const auto* name : {"serviceName", "metadata"}) {
    if (!p.find(name)) return call->respond(says.missing(name));
  }
  const auto s = read_service(p);
  if (!s) return call->respond(says.dressed(s.error(), nacos_code::service_name_error));
  auto metadata = read_metadata(p);
  if (!metadata) {
    return call->respond(says.dressed(metadata.error(), nacos_code::instance_metadata_error));
  }
  auto what = std::make_shared<batch>();
  what->service = services_.catalogue->find(*s);
  if (what->service) what->hosts = targets_of(*what->service, p);
  what->change.edit = edit;
  what->change.metadata = std::move(*metadata);
  if (what->change.metadata.empty() || what->hosts.empty()) {
    return call->respond(updated(what->hosts, says));
  }
  if (!what->service->ephemeral) {
    const auto done = updated(what->hosts, says);
    return propose(call, says, std::move(what), 0, done);
  }
  std::vector<naming::host_ptr> changed;
  for (const auto& h : what->hosts) {
    const auto failed = services_.ephemeral->lay_over(*s, h->ip, h->port, h->cluster, what->change);
    if (!failed) changed.push_back(h);
  }
  call->respond(updated(changed, says));
}

void overlay_api::propose(const exchange_ptr& call, const naming_dialect& says,
                          std::shared_ptr<const batch> what, std::size_t first,
                          const response& done) {
  const auto last = std::min(first + told::patched_instances_max, what->hosts.size());
  std::vector<std::string> tags;  // what the command points into
  tags.reserve(last - first);
  for (auto i = first; i < last; ++i) tags.push_back(what->hosts[i]->tag());
  told::patch_overlays c;
  c.service = what->service->key.view();
  c.tags.assign(tags.begin(), tags.end());
  c.change = what->change;
  c.stamp = writes_.stamp();
  writes_.propose(
      call, overlays_group, told::encode(c),
      [self = shared_from_this(), call, says, what, last, done] {
        if (last == what->hosts.size()) return call->respond(done);
        self->propose(call, says, what, last, done);
      },
      [says](const error& why) { return says.failed(why, overlays_group); });
}

}  // namespace

void add_naming_overlay_routes(router& routes, const view_ptr& view, const naming_services& naming,
                               const server_options& options) {
  std::make_shared<overlay_api>(view, naming, options)->add_to(routes);
}

}  // namespace troupe::http
