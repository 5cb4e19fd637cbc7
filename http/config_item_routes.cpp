// Publishing, reading, removing and searching configurations: nacos-spec C.8.2, C.8.5, C.8.6. Reads
// are local unless asked otherwise (A.4.3): every node serves them also while there is no leader.
#include "http/config_bodies.hpp"
#include "http/config_centre.hpp"
#include "http/naming_parameters.hpp"
#include "processors/configuration.hpp"
#include "processors/md5.hpp"

namespace troupe::http {

namespace {

namespace cfg = processors::config;

constexpr std::string_view not_found = "config data not exist";

/// Who signed in; else who the request says.
cfg::source source_of(const exchange_ptr& call, const config_parameters& p) {
  const auto said = p.text(p.dialect() == config_dialect::v1 ? "src_user" : "srcUser");
  const std::string_view signed_in = call->user();
  return {call->request().client_address(), signed_in.empty() ? said : signed_in};
}

void publish(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  for (const auto* unserved : {"import", "clone"}) {
    if (p.is(unserved, "true")) {
      return call->respond(plain_text(501, std::string(unserved) + " is not served"));
    }
  }
  auto c = read_publication(call->request(), p);
  if (!c) return call->respond(c.error());
  const auto md5 = processors::md5_hex(c->content);
  c->md5 = md5;
  c->source = source_of(call, p);
  c->stamp = centre.next_stamp();
  const auto d = p.dialect();
  centre.propose(call, d, cfg::encode(*c), [call, d](const cfg::write_reply& done) {
    call->respond(done.done ? config_answer(d, true)
                            : config_refusal(d, 500, nacos_code::resource_conflict,
                                             "Cas publish fail, server md5 may have changed."));
  });
}

/// Nothing was published under a tag or as a beta, so that there is nothing to remove or to show.
bool is_gray(const config_parameters& p) {
  return p.is("beta", "true") || p.given("tag").has_value();
}

response none_served(const config_parameters& p) {
  return config_invalid(p.dialect(), "beta publishing is not served: there is no beta");
}

void remove_ids(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  const auto ids = read_config_ids(p);
  if (!ids) return call->respond(ids.error());
  const cfg::remove_ids c{*ids, source_of(call, p), centre.next_stamp()};
  centre.propose(call, p.dialect(), cfg::encode(c),
                 [call](const cfg::write_reply&) { call->respond(rest_result_ok(true)); });
}

void remove(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  if (p.is("delType", "ids")) return remove_ids(centre, call, p);
  const auto key = read_config_key(p);
  if (!key) return call->respond(key.error());
  const auto d = p.dialect();
  if (p.is("beta", "true")) return call->respond(none_served(p));
  if (is_gray(p)) return call->respond(config_answer(d, true));
  const cfg::remove c{*key, source_of(call, p), centre.next_stamp()};
  centre.propose(call, d, cfg::encode(c),
                 [call, d](const cfg::write_reply&) { call->respond(config_answer(d, true)); });
}

using shape = std::function<response(const cfg::get_reply&)>;

/// Answers with what `shaped` makes of the configuration.
void show(config_centre& centre, const exchange_ptr& call, const config_parameters& p,
          shape shaped) {
  const auto key = read_config_key(p);
  if (!key) return call->respond(key.error());
  const auto wanted = read_consistency(call->request(), p);
  if (!wanted) return call->respond(wanted.error());
  const auto d = p.dialect();
  centre.ask<cfg::get_reply>(call, d, *wanted, cfg::encode(cfg::get{*key}), cfg::decode_get_reply,
                             [centre = centre.shared_from_this(), call, d,
                              shaped = std::move(shaped)](const cfg::get_reply& found) {
                               if (found.item) return call->respond(shaped(found));
                               centre->when_current(call, d,
                                                    [call, shaped] { call->respond(shaped({})); });
                             });
}

response missing_v1() {
  return plain_text(404, std::string(not_found) + "\n");
}

response missing_v2() {
  return result_error(404, nacos_code::resource_not_found, not_found);
}

void search(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  const auto q = read_config_search(p);
  if (!q) return call->respond(q.error());
  centre.ask<cfg::search_reply>(
      call, p.dialect(), consistency::local, cfg::encode(*q), cfg::decode_search_reply,
      [call, page = q->page](const cfg::search_reply& found) {
        call->respond(config_answer(config_dialect::v1, config_page(found, page)));
      });
}

void get_v1(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  if (p.is("export", "true") || p.is("exportV2", "true")) {
    return call->respond(plain_text(501, "export is not served"));
  }
  if (p.is("search", "accurate") || p.is("search", "blur")) return search(centre, call, p);
  if (p.given("search")) {
    return call->respond(plain_text(
        400, "search : " + std::string(p.text("search")) + " is neither accurate nor blur"));
  }
  if (p.is("beta", "true")) return call->respond(none_served(p));
  if (p.is("show", "all")) {
    return show(centre, call, p, [](const cfg::get_reply& found) {
      if (!found.item) return plain_text(200, "");
      return config_answer(config_dialect::v1, config_details(*found.item, found.content));
    });
  }
  show(centre, call, p, [gray = is_gray(p)](const cfg::get_reply& found) {
    return found.item && !gray ? config_content(*found.item, found.content) : missing_v1();
  });
}

void get_v2(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  show(centre, call, p, [gray = is_gray(p)](const cfg::get_reply& found) {
    return found.item && !gray ? result_ok(found.content) : missing_v2();
  });
}

void catalog(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  show(centre, call, p, [](const cfg::get_reply& found) {
    return rest_result_ok(found.item ? config_catalog(*found.item) : nlohmann::ordered_json());
  });
}

void health(config_centre& centre, const exchange_ptr& call, const config_parameters&) {
  const bool loaded = centre.table().is_loaded();
  centre.view()->readiness([call, loaded](const std::vector<std::string>& reasons) {
    std::string why = loaded ? "" : "configurations are being loaded";
    const std::string group(processors::configuration::group_name);
    for (const auto& reason : reasons) {
      if (reason.rfind(group, 0) == 0) why.append(why.empty() ? "" : "; ").append(reason);
    }
    call->respond(plain_text(200, why.empty() ? "UP" : "DOWN:" + why));
  });
}

void capacity(config_centre&, const exchange_ptr& call, const config_parameters&) {
  call->respond(plain_text(501, "capacity limits of groups and namespaces are not served"));
}

}  // namespace

void add_config_item_routes(router& routes, const config_centre_ptr& centre) {
  const std::string v1 = "/nacos/v1/cs/configs";
  const std::string v2 = "/nacos/v2/cs/config";
  const auto add = [&](const char* method, const std::string& path, config_dialect d,
                       config_handler handle) {
    routes.add(method, path, config_route(centre, d, handle));
  };
  add("POST", v1, config_dialect::v1, publish);
  add("GET", v1, config_dialect::v1, get_v1);
  add("DELETE", v1, config_dialect::v1, remove);
  add("GET", v1 + "/catalog", config_dialect::v1, catalog);
  add("GET", "/nacos/v1/cs/health", config_dialect::v1, health);
  for (const auto* method : {"GET", "POST"}) {
    add(method, "/nacos/v1/cs/capacity", config_dialect::v1, capacity);
  }
  add("POST", v2, config_dialect::v2, publish);
  add("GET", v2, config_dialect::v2, get_v2);
  add("DELETE", v2, config_dialect::v2, remove);
}

}  // namespace troupe::http
