// What became of configurations: nacos-spec C.8.4.
#include "http/config_bodies.hpp"
#include "http/config_centre.hpp"
#include "http/naming_parameters.hpp"

namespace troupe::http {

namespace {

namespace cfg = processors::config;

constexpr std::uint64_t history_page_size_max = 500;

void list(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  const auto key = read_config_key(p);
  if (!key) return call->respond(key.error());
  const auto page = read_config_page(p, history_page_size_max);
  if (!page) return call->respond(page.error());
  const auto d = p.dialect();
  centre.ask<cfg::history_reply>(call, d, consistency::local,
                                 cfg::encode(cfg::history{*key, *page}), cfg::decode_history_reply,
                                 [call, d, page = *page](const cfg::history_reply& found) {
                                   call->respond(config_answer(d, history_page(found, page)));
                                 });
}

response no_such_row(config_dialect d, const std::string& id) {
  // v1 answers with nothing.
  if (d == config_dialect::v1) return plain_text(200, "");
  return result_error(404, nacos_code::resource_not_found,
                      "certain config history for nid = " + id + " not exist");
}

/// The row, unless it is about another configuration than the one named.
response row_answer(config_dialect d, const std::string& key, const std::string& id,
                    const cfg::history_row_reply& found) {
  if (!found.row) return no_such_row(d, id);
  if (config_key(found.row->item.key) != key) {
    return config_refusal(d, 403, nacos_code::access_denied,
                          "Please check dataId, group or namespaceId.");
  }
  return config_answer(d, history_details(*found.row, found.content));
}

void ask_row(config_centre& centre, const exchange_ptr& call, const config_parameters& p,
             const cfg::item_key& key, std::uint64_t id, std::string query) {
  centre.ask<cfg::history_row_reply>(
      call, p.dialect(), consistency::local, std::move(query), cfg::decode_history_row_reply,
      [call, d = p.dialect(), key = config_key(key), id = std::to_string(id)](
          const cfg::history_row_reply& found) { call->respond(row_answer(d, key, id, found)); });
}

void show(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  const auto id = read_config_number(p, "nid");
  if (!id) return call->respond(id.error());
  const auto key = read_config_key(p);
  if (!key) return call->respond(key.error());
  ask_row(centre, call, p, *key, *id, cfg::encode(cfg::get_history_row{*id}));
}

void previous(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  const auto id = read_config_number(p, "id");
  if (!id) return call->respond(id.error());
  const auto key = read_config_key(p);
  if (!key) return call->respond(key.error());
  ask_row(centre, call, p, *key, *id, cfg::encode(cfg::previous_history_row{*key, *id}));
}

void configs(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  const auto tenant = p.require(tenant_parameter(p.dialect()));
  if (!tenant) return call->respond(tenant.error());
  const auto d = p.dialect();
  centre.ask<cfg::list_reply>(call, d, consistency::local, cfg::encode(cfg::list{p.tenant()}),
                              cfg::decode_list_reply, [call, d](const cfg::list_reply& found) {
                                call->respond(config_answer(d, config_list(found)));
                              });
}

/// One path of v1 serves both, told apart by a parameter.
void list_or_show(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  p.is("search", "accurate") ? list(centre, call, p) : show(centre, call, p);
}

}  // namespace

void add_config_history_routes(router& routes, const config_centre_ptr& centre) {
  const std::string v1 = "/nacos/v1/cs/history";
  const std::string v2 = "/nacos/v2/cs/history";
  const auto add = [&](const std::string& path, config_dialect d, config_handler handle) {
    routes.add("GET", path, config_route(centre, d, handle));
  };
  add(v1, config_dialect::v1, list_or_show);
  add(v1 + "/previous", config_dialect::v1, previous);
  add(v1 + "/configs", config_dialect::v1, configs);
  add(v2, config_dialect::v2, show);
  add(v2 + "/list", config_dialect::v2, list);
  add(v2 + "/previous", config_dialect::v2, previous);
  add(v2 + "/configs", config_dialect::v2, configs);
}

}  // namespace troupe::http
