// Services as such: made, changed, removed, shown, listed; who subscribed them. nacos-spec C.4.5,
// C.7. Whether a service exists is for the group of persistent instances to decide (E.2.1): it is
// written there first, its settings second, and settings without a service show nowhere.
#include <utility>

#include "http/naming_dialect.hpp"
#include "http/naming_pages.hpp"
#include "http/naming_parameters.hpp"
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

nacos_code code_of(settings_refusal::about what) {
  return what == settings_refusal::about::selector   ? nacos_code::selector_error
         : what == settings_refusal::about::metadata ? nacos_code::service_metadata_error
                                                     : nacos_code::parameter_validate_error;
}

class service_api : public std::enable_shared_from_this<service_api> {
 public:
  service_api(const view_ptr& view, naming_services services, const server_options& options)
      : services_(std::move(services)), writes_(view, options) {}

  void add_to(router& routes);

 private:
  using method = void (service_api::*)(const exchange_ptr&, const naming_parameters&,
                                       const naming_dialect&);

  void add(router& routes, const char* verb, const std::string& path, naming_version v, method m);
  void create(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void change(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void remove(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void show(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void list(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void names(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void subscribers(const exchange_ptr&, const naming_parameters&, const naming_dialect&);
  void selector_types(const exchange_ptr&, const naming_parameters&, const naming_dialect&);

  [[nodiscard]] naming::service_ptr find(const service_name& s) const {
    return services_.catalogue->find(s);
  }
  void write_settings(const exchange_ptr& call, const naming_dialect& says, const service_name& s,
                      std::string_view verb, const told::service_settings& settings);

  naming_services services_;
  naming_writes writes_;
};

void service_api::add(router& routes, const char* verb, const std::string& path, naming_version v,
                      method m) {
  routes.add(verb, path, [self = shared_from_this(), m, v](const exchange_ptr& call, const auto&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
    (self.get()->*m)(call, *p, naming_dialect(v));
  });
}

void service_api::add_to(router& routes) {
  for (const auto v : {naming_version::v1, naming_version::v2}) {
    const std::string service =
        v == naming_version::v1 ? "/nacos/v1/ns/service" : "/nacos/v2/ns/service";
    add(routes, "POST", service, v, &service_api::create);
    add(routes, "PUT", service, v, &service_api::change);
    add(routes, "DELETE", service, v, &service_api::remove);
    add(routes, "GET", service, v, &service_api::show);
    add(routes, "GET", service + "/list", v, &service_api::list);
  }
  const std::string service = "/nacos/v1/ns/service";
  add(routes, "GET", service + "/names", naming_version::v1, &service_api::names);
  add(routes, "GET", service + "/subscribers", naming_version::v1, &service_api::subscribers);
  add(routes, "GET", service + "/selector/types", naming_version::v1, &service_api::selector_types);
}

/// The service that a request is about, or the refusal. nacos-spec C.3: v2 words it differently.
naming_read<service_name> service_of(const naming_parameters& p, const naming_dialect& says) {
  if (!p.find("serviceName")) return raft::unexpected(says.missing("serviceName"));
  auto s = read_service(p);
  if (!s) return raft::unexpected(says.dressed(s.error(), nacos_code::service_name_error));
  return s;
}

/// A refusal of the group's, in words that say which it was.
response service_refused(const naming_dialect& says, const service_name& s, const error& why) {
  if (why.code != error_code::refused) return says.failed(why, instances_group);
  if (why.message == told::service_exists_text(s.view())) {
    return says.refused(nacos_code::service_already_exist, why.message);
  }
  if (why.message == told::service_not_found_text(s.view())) {
    return says.refused(nacos_code::service_not_exist, why.message);
  }
  if (why.message == told::service_not_empty_text(s.view())) {
    return says.refused(nacos_code::service_delete_failure, why.message);
  }
  return says.failed(why, instances_group);
}

void service_api::write_settings(const exchange_ptr& call, const naming_dialect& says,
                                 const service_name& s, std::string_view verb,
                                 const told::service_settings& settings) {
  const told::settings_command c{verb, s.view(), settings, writes_.stamp()};
  writes_.propose(
      call, settings_group, told::encode(c), [call, says] { call->respond(says.done()); },
      [says](const error& why) { return says.failed(why, settings_group); });
}

// ---- writing -----------------------------------------------------------------------------------

void service_api::create(const exchange_ptr& call, const naming_parameters& p,
                         const naming_dialect& says) {
  const auto s = service_of(p, says);
  if (!s) return call->respond(s.error());
  const auto settings = read_settings(p);
  if (!settings) {
    return call->respond(says.refused(code_of(settings.error().what), settings.error().text));
  }
  if (p.flag("ephemeral").value_or(false)) {
    return call->respond(says.refused(
        nacos_code::parameter_validate_error,
        "ephemeral: an ephemeral service comes with its first instance, it cannot be created"));
  }
  if (const auto known = find(*s); known && known->ephemeral) {
    return call->respond(
        says.refused(nacos_code::service_already_exist, told::service_exists_text(s->view())));
  }
  const told::service_command c{told::verb_service_add, s->view(), writes_.stamp()};
  writes_.propose(
      call, instances_group, told::encode(c),
      [self = shared_from_this(), call, says, s = *s, settings = *settings] {
        self->write_settings(call, says, s, told::verb_change, settings);
      },
      [says, s = *s](const error& why) { return service_refused(says, s, why); });
}

void service_api::change(const exchange_ptr& call, const naming_parameters& p,
                         const naming_dialect& says) {
  const auto s = service_of(p, says);
  if (!s) return call->respond(s.error());
  if (says.is_v1() && !p.find("protectThreshold")) {
    return call->respond(says.missing("protectThreshold"));
  }
  auto settings = read_settings(p);
  if (!settings) {
    return call->respond(says.refused(code_of(settings.error().what), settings.error().text));
  }
  const auto known = find(*s);
  if (!known) {
    return call->respond(
        says.refused(nacos_code::service_not_exist, told::service_not_found_text(s->view())));
  }
  settings->ephemeral = known->ephemeral;
  write_settings(call, says, *s, told::verb_change, *settings);
}

void service_api::remove(const exchange_ptr& call, const naming_parameters& p,
                         const naming_dialect& says) {
  const auto s = service_of(p, says);
  if (!s) return call->respond(s.error());
  if (const auto known = find(*s); known && known->ephemeral) {
    return call->respond(
        says.refused(nacos_code::service_delete_failure, told::service_not_empty_text(s->view())));
  }
  const told::service_command c{told::verb_service_remove, s->view(), writes_.stamp()};
  writes_.propose(
      call, instances_group, told::encode(c),
      [self = shared_from_this(), call, says, s = *s] {
        self->write_settings(call, says, s, told::verb_delete, {});
      },
      [says, s = *s](const error& why) { return service_refused(says, s, why); });
}

// ---- reading -----------------------------------------------------------------------------------

json shown_v1(const naming::service& s, const told::service_settings& settings) {
  json clusters = json::array();
  for (const auto& name : cluster_names(s)) {
    const auto c = cluster_of(s, name);
    clusters.push_back(
        json{{"name", name}, {"healthChecker", checker_json(c.checker)}, {"metadata", c.metadata}});
  }
  return json{{"namespaceId", s.key.namespace_id},
              {"groupName", s.key.service_group},
              {"name", s.key.name},
              {"protectThreshold", settings.protect_threshold},
              {"metadata", settings.metadata},
              {"selector", selector_json(settings)},
              {"clusters", std::move(clusters)}};
}

json shown_v2(const naming::service& s, const told::service_settings& settings) {
  json clusters = json::object();
  for (const auto& name : cluster_names(s)) {
    const auto c = cluster_of(s, name);
    clusters[name] = json{{"clusterName", name},
                          {"healthChecker", checker_json(c.checker)},
                          {"metadata", c.metadata},
                          {"hosts", nullptr}};
  }
  return json{
      {"namespace", s.key.namespace_id},     {"serviceName", s.key.name},
      {"groupName", s.key.service_group},    {"clusterMap", std::move(clusters)},
      {"metadata", settings.metadata},       {"protectThreshold", settings.protect_threshold},
      {"selector", selector_json(settings)}, {"ephemeral", s.ephemeral}};
}

void service_api::show(const exchange_ptr& call, const naming_parameters& p,
                       const naming_dialect& says) {
  const auto s = service_of(p, says);
  if (!s) return call->respond(s.error());
  const auto known = find(*s);
  if (!known) {
    return call->respond(
        says.refused(nacos_code::service_not_exist, told::service_not_found_text(s->view())));
  }
  const auto settings = known->settings ? *known->settings : told::service_settings{};
  call->respond(says.data(says.is_v1() ? shown_v1(*known, settings) : shown_v2(*known, settings)));
}

/// Plain names of one service group, a page of them. nacos-spec C.4.5, C.7.
void service_api::list(const exchange_ptr& call, const naming_parameters& p,
                       const naming_dialect& says) {
  const auto page = says.is_v1() ? read_page(p, says) : read_page(p, says, naming_page{1, 20}, 500);
  if (!page) return call->respond(page.error());
  const auto wanted = p.find("groupName").value_or("DEFAULT_GROUP");
  std::size_t count = 0;
  json names = json::array();
  services_.catalogue->each(p.find("namespaceId").value_or("public"), [&](const auto& s) {
    if (s->key.service_group != wanted) return s->key.service_group < wanted;
    if (page->holds(count++)) names.push_back(s->key.name);
    return true;
  });
  call->respond(
      says.data(json{{"count", count}, {says.is_v1() ? "doms" : "services", std::move(names)}}));
}

void service_api::names(const exchange_ptr& call, const naming_parameters& p,
                        const naming_dialect& says) {
  const std::string in(p.find("namespaceId").value_or("public"));
  json grouped = json::array();
  services_.catalogue->each(in, [&](const auto& s) {
    grouped.push_back(s->key.grouped());
    return true;
  });
  const auto count = grouped.size();
  call->respond(says.data(json{{"count", count}, {"services", json{{in, std::move(grouped)}}}}));
}

void service_api::subscribers(const exchange_ptr& call, const naming_parameters& p,
                              const naming_dialect& says) {
  const auto s = service_of(p, says);
  if (!s) return call->respond(s.error());
  const auto page = read_page(p, says, naming_page{1, 1'000}, 1'000);
  if (!page) return call->respond(page.error());
  std::size_t count = 0;
  json rows = json::array();
  if (services_.subscriptions) {
    for (const auto& who : services_.subscriptions->subscribers(*s)) {
      if (!page->holds(count++)) continue;
      rows.push_back(json{{"addrStr", who.ip},
                          {"agent", who.agent},
                          {"app", who.app.empty() ? "unknown" : who.app},
                          {"ip", who.ip},
                          {"port", who.udp_port},
                          {"namespaceId", s->namespace_id},
                          {"serviceName", s->grouped()},
                          {"cluster", who.clusters}});
    }
  }
  call->respond(says.data(json{{"subscribers", std::move(rows)}, {"count", count}}));
}

void service_api::selector_types(const exchange_ptr& call, const naming_parameters&,
                                 const naming_dialect&) {
  call->respond(rest_result_ok(json::array({"none", "label"})));
}

}  // namespace

void add_naming_service_routes(router& routes, const view_ptr& view, const naming_services& naming,
                               const server_options& options) {
  std::make_shared<service_api>(view, naming, options)->add_to(routes);
}

}  // namespace troupe::http
