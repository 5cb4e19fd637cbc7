// Nacos namespaces: /nacos/v1/console/namespaces, /nacos/v2/console/namespace. nacos-spec C.10.
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "http/access_services.hpp"
#include "http/config_table.hpp"
#include "http/json_answer.hpp"
#include "http/nacos_result.hpp"
#include "http/naming_parameters.hpp"
#include "http/naming_text.hpp"
#include "http/routes.hpp"
#include "processors/configuration.hpp"

namespace troupe::http {

namespace {

namespace spaces = processors::spaces;
using json = nlohmann::ordered_json;

constexpr std::string_view group_name = processors::configuration::group_name;
/// Shown by consoles; nothing enforces it, here as there.
constexpr int shown_quota = 200;
constexpr int type_default = 0;
constexpr int type_custom = 2;
constexpr std::size_t name_characters_max = 256;

/// What somebody wants to write.
struct wanted {
  std::string_view verb;
  std::string id;
  std::string show_name;
  std::string description;
};

/// What is wrong with it, in Nacos's words; empty: nothing.
std::string fault_of(const wanted& w) {
  if (!is_word(w.id)) return "namespaceId [" + w.id + "] mismatch the pattern";
  if (w.id.size() > spaces::id_bytes_max) {
    return "too long namespaceId, over " + std::to_string(spaces::id_bytes_max);
  }
  if (w.verb == spaces::verb_remove) return {};
  const auto facts = examine(w.show_name);
  const bool named = facts.valid && facts.characters > 0 &&
                     facts.characters <= name_characters_max &&
                     w.show_name.find_first_of("@#$%^&*") == std::string::npos;
  if (!named) return "namespaceName [" + w.show_name + "] contains illegal char";
  if (w.description.size() > spaces::description_bytes_max || !examine(w.description).valid) {
    return "namespaceDesc: must be UTF-8 of at most " +
           std::to_string(spaces::description_bytes_max) + " bytes";
  }
  return {};
}

std::string text_of(const naming_parameters& p, std::string_view name) {
  return std::string(p.find(name).value_or(""));
}

std::string id_or_new(std::string id) {
  return id.empty() ? to_string(boost::uuids::random_generator()()) : id;
}

/// How a version of the interface tells an outcome.
struct dialect {
  /// `fault` is empty when it was done.
  response (*told)(const wanted& w, const std::string& fault);
  /// The group failed: perhaps it was done.
  response (*failed)(const error& e);
};

response told_v1(const wanted&, const std::string& fault) {
  return json_answer(json(fault.empty()));
}

response failed_v1(const error& e) {
  return plain_text(500, "caused: " + failure_text(e, group_name) + ";");
}

response told_v2(const wanted& w, const std::string& fault) {
  if (fault.empty()) return result_ok(true);
  if (fault == "namespaceId [" + w.id + "] already exist") {
    return result_error(400, nacos_code::namespace_already_exist, fault);
  }
  if (fault == "namespaceId [" + w.id + "] not exist") {
    return result_error(404, nacos_code::namespace_not_exist, fault);
  }
  return result_error(400, nacos_code::illegal_namespace, fault);
}

response failed_v2(const error& e) {
  return result_failed(e, group_name);
}

constexpr dialect v1{told_v1, failed_v1};
constexpr dialect v2{told_v2, failed_v2};

class namespace_api : public std::enable_shared_from_this<namespace_api> {
 public:
  namespace_api(view_ptr view, const access_services& access,
                std::shared_ptr<const config_table> configs)
      : view_(std::move(view)), known_(access.namespaces), configs_(std::move(configs)) {}

  void add_to(router& routes);

 private:
  using method = void (namespace_api::*)(const exchange_ptr&, const naming_parameters&);
  handler handled_by(method m, std::vector<const char*> required = {}, bool is_v2 = false);

  void list_v1(const exchange_ptr& call, const naming_parameters& p);
  void add_v1(const exchange_ptr& call, const naming_parameters& p);
  void update_v1(const exchange_ptr& call, const naming_parameters& p);
  void remove_v1(const exchange_ptr& call, const naming_parameters& p);
  void list_v2(const exchange_ptr& call, const naming_parameters& p);
  void show_v2(const exchange_ptr& call, const naming_parameters& p);
  void add_v2(const exchange_ptr& call, const naming_parameters& p);
  void update_v2(const exchange_ptr& call, const naming_parameters& p);
  void remove_v2(const exchange_ptr& call, const naming_parameters& p);

  void write(const exchange_ptr& call, const wanted& w, const dialect& d);
  [[nodiscard]] json describe(const std::string& id, const named_namespace& n) const;
  [[nodiscard]] json describe_default() const;
  [[nodiscard]] json describe_all() const;
  /// Null when there is none.
  [[nodiscard]] json describe_one(const std::string& id) const;

  view_ptr view_;
  std::shared_ptr<const namespace_table> known_;
  std::shared_ptr<const config_table> configs_;
};

handler namespace_api::handled_by(method m, std::vector<const char*> required, bool is_v2) {
  return [self = shared_from_this(), m, required = std::move(required), is_v2](
             const exchange_ptr& call, const std::string&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    for (const auto* name : required) {
      if (p->find(name)) continue;
      return call->respond(is_v2 ? result_missing(name) : p->require(name).error());
    }
    (self.get()->*m)(call, *p);
  };
}

void namespace_api::add_to(router& routes) {
  const std::string plural = "/nacos/v1/console/namespaces";
  routes.add("GET", plural, handled_by(&namespace_api::list_v1));
  routes.add("POST", plural, handled_by(&namespace_api::add_v1, {"namespaceName"}));
  routes.add("PUT", plural,
             handled_by(&namespace_api::update_v1, {"namespace", "namespaceShowName"}));
  routes.add("DELETE", plural, handled_by(&namespace_api::remove_v1, {"namespaceId"}));
  const std::string single = "/nacos/v2/console/namespace";
  routes.add("GET", single + "/list", handled_by(&namespace_api::list_v2));
  routes.add("GET", single, handled_by(&namespace_api::show_v2, {"namespaceId"}, true));
  routes.add("POST", single, handled_by(&namespace_api::add_v2, {"namespaceName"}, true));
  routes.add("PUT", single,
             handled_by(&namespace_api::update_v2, {"namespaceId", "namespaceName"}, true));
  routes.add("DELETE", single, handled_by(&namespace_api::remove_v2, {"namespaceId"}, true));
}

// ---- what stands -------------------------------------------------------------------------------

json namespace_api::describe(const std::string& id, const named_namespace& n) const {
  json out = json::object();
  out["namespace"] = id;
  out["namespaceShowName"] = n.show_name;
  out["namespaceDesc"] = n.description;
  out["quota"] = shown_quota;
  out["configCount"] = configs_->size(id);
  out["type"] = type_custom;
  return out;
}

json namespace_api::describe_default() const {
  // Configurations know it by the empty name.
  auto out = describe("", {std::string(spaces::default_id), {}});
  out["namespaceDesc"] = nullptr;
  out["type"] = type_default;
  return out;
}

json namespace_api::describe_all() const {
  json all = json::array({describe_default()});
  for (const auto& [id, n] : known_->list()) all.push_back(describe(id, n));
  return all;
}

json namespace_api::describe_one(const std::string& id) const {
  if (id.empty() || id == spaces::default_id) return describe_default();
  const auto found = known_->find(id);
  return found ? describe(id, *found) : json(nullptr);
}

// ---- writing -----------------------------------------------------------------------------------

void namespace_api::write(const exchange_ptr& call, const wanted& w, const dialect& d) {
  if (const auto fault = fault_of(w); !fault.empty()) return call->respond(d.told(w, fault));
  const spaces::command c{w.verb, w.id, {w.show_name, w.description}};
  view_->group(std::string(group_name))
      .propose(raft::bytes(spaces::encode(c)), {},
               on_strand(
                   call, [call, w, &d](const troupe::response&) { call->respond(d.told(w, {})); },
                   [w, &d](const error& e) {
                     return e.code == error_code::refused ? d.told(w, e.message) : d.failed(e);
                   }));
}

// ---- v1 ----------------------------------------------------------------------------------------

void namespace_api::list_v1(const exchange_ptr& call, const naming_parameters& p) {
  if (p.find("checkNamespaceIdExist") == "true") {
    const auto id = text_of(p, "customNamespaceId");
    return call->respond(json_answer(json(!id.empty() && !describe_one(id).is_null())));
  }
  if (p.find("show") == "all") {
    const auto id = text_of(p, "namespaceId");
    const auto one = describe_one(id);
    return call->respond(one.is_null()
                             ? plain_text(404, "caused: namespaceId [ " + id + " ] not exist;")
                             : json_answer(one));
  }
  call->respond(rest_result_ok(describe_all()));
}

void namespace_api::add_v1(const exchange_ptr& call, const naming_parameters& p) {
  write(call,
        {spaces::verb_add, id_or_new(text_of(p, "customNamespaceId")), text_of(p, "namespaceName"),
         text_of(p, "namespaceDesc")},
        v1);
}

void namespace_api::update_v1(const exchange_ptr& call, const naming_parameters& p) {
  write(call,
        {spaces::verb_update, text_of(p, "namespace"), text_of(p, "namespaceShowName"),
         text_of(p, "namespaceDesc")},
        v1);
}

void namespace_api::remove_v1(const exchange_ptr& call, const naming_parameters& p) {
  write(call, {spaces::verb_remove, text_of(p, "namespaceId"), {}, {}}, v1);
}

// ---- v2 ----------------------------------------------------------------------------------------

void namespace_api::list_v2(const exchange_ptr& call, const naming_parameters&) {
  call->respond(result_ok(describe_all()));
}

void namespace_api::show_v2(const exchange_ptr& call, const naming_parameters& p) {
  const auto id = text_of(p, "namespaceId");
  auto one = describe_one(id);
  call->respond(one.is_null() ? result_error(404, nacos_code::namespace_not_exist,
                                             "namespaceId [ " + id + " ] not exist")
                              : result_ok(std::move(one)));
}

void namespace_api::add_v2(const exchange_ptr& call, const naming_parameters& p) {
  write(call,
        {spaces::verb_add, id_or_new(text_of(p, "namespaceId")), text_of(p, "namespaceName"),
         text_of(p, "namespaceDesc")},
        v2);
}

void namespace_api::update_v2(const exchange_ptr& call, const naming_parameters& p) {
  write(call,
        {spaces::verb_update, text_of(p, "namespaceId"), text_of(p, "namespaceName"),
         text_of(p, "namespaceDesc")},
        v2);
}

void namespace_api::remove_v2(const exchange_ptr& call, const naming_parameters& p) {
  write(call, {spaces::verb_remove, text_of(p, "namespaceId"), {}, {}}, v2);
}

}  // namespace

void add_namespace_routes(router& routes, const view_ptr& view, const access_services& access,
                          std::shared_ptr<const config_table> configs) {
  std::make_shared<namespace_api>(view, access, std::move(configs))->add_to(routes);
}

}  // namespace troupe::http
