// The console: static files, and what its pages ask that Nacos's own interface does not tell.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "http/console_files.hpp"
#include "http/json_answer.hpp"
#include "http/routes.hpp"
#include "http/text_forms.hpp"
#include "naming/catalogue.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

constexpr std::uint64_t page_size_max = 500;
constexpr std::uint64_t page_max = 1'000'000'000;

// ---- files -------------------------------------------------------------------------------------

response redirect(std::string to) {
  return {302, {}, {}, {{"Location", std::move(to)}}};
}

void serve_file(const exchange_ptr& call, const std::string& path) {
  const auto& files = console_files();
  const auto name = path.empty() ? std::string_view("index.html") : std::string_view(path);
  const auto file =
      std::find_if(files.begin(), files.end(), [name](const auto& f) { return f.name == name; });
  if (file == files.end()) {
    return call->respond(answer_of(404, "not_found", "the console has no file " + path));
  }
  const bool is_known = call->request().header("If-None-Match") == file->tag;
  response r{is_known ? 304U : 200U,
             is_known ? std::string() : std::string(file->content),
             std::string(file->content_type),
             {}};
  r.headers = {{"ETag", std::string(file->tag)},
               {"Cache-Control", "no-cache"},
               // Nothing from elsewhere runs here, and nobody may frame the page.
               {"Content-Security-Policy",
                "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"},
               {"X-Content-Type-Options", "nosniff"}};
  call->respond(std::move(r));
}

// ---- services ----------------------------------------------------------------------------------

bool holds(std::string_view text, std::string_view part) {
  return part.empty() || text.find(part) != std::string_view::npos;
}

std::string text_of(const parameters& p, std::string_view name, std::string_view otherwise = {}) {
  return std::string(p.find(name).value_or(otherwise));
}

json row_of(const naming::service& s) {
  json row = json::object();
  row["group"] = s.key.service_group;
  row["name"] = s.key.name;
  row["ephemeral"] = s.ephemeral;
  row["hosts"] = s.hosts.size();
  row["healthy"] = s.healthy;
  return row;
}

/// One page of the services of a namespace, and the sums over all of them.
void list_services(const exchange_ptr& call, const naming::catalogue& services) {
  parameters p;
  if (!p.add_form(call->request().query)) {
    return call->respond(invalid_argument("query: a '%' is not followed by two digits"));
  }
  const auto page = parse_number(text_of(p, "page", "1"), 1, page_max);
  const auto size = parse_number(text_of(p, "size", "50"), 1, page_size_max);
  if (!page || !size) {
    return call->respond(
        invalid_argument("page: from 1; size: from 1 to " + std::to_string(page_size_max)));
  }
  const auto name = text_of(p, "name");
  const auto group = text_of(p, "group");
  const bool only_sick = p.find("unhealthy") == "true";
  std::uint64_t total = 0, instances = 0, sick = 0, matching = 0;
  json rows = json::array();
  services.each(text_of(p, "namespace", "public"), [&](const naming::service_ptr& s) {
    ++total;
    instances += s->hosts.size();
    sick += s->hosts.size() - s->healthy;
    if (!holds(s->key.name, name) || !holds(s->key.service_group, group)) return true;
    if (only_sick && s->healthy == s->hosts.size()) return true;
    if (matching++ / *size == *page - 1) rows.push_back(row_of(*s));
    return true;
  });
  json out = json::object();
  out["total"] = total;
  out["instances"] = instances;
  out["unhealthy"] = sick;
  out["matching"] = matching;
  out["services"] = std::move(rows);
  call->respond(json_answer(out));
}

json host_of(const naming::host& h) {
  json out = json::object();
  out["ip"] = h.ip;
  out["port"] = h.port;
  out["cluster"] = h.cluster;
  out["healthy"] = h.healthy;
  out["enabled"] = h.enabled;
  out["ephemeral"] = h.ephemeral;
  out["weight"] = h.weight;
  out["metadata"] = h.metadata;
  out["overlay"] = h.has_overlay;
  out["health_since_ms"] = h.health_since_ms;
  out["health_reason"] = h.health_reason;
  return out;
}

void show_service(const exchange_ptr& call, const naming::catalogue& services) {
  parameters p;
  if (!p.add_form(call->request().query)) {
    return call->respond(invalid_argument("query: a '%' is not followed by two digits"));
  }
  const naming::service_key key{text_of(p, "namespace", "public"),
                                text_of(p, "group", "DEFAULT_GROUP"), text_of(p, "name")};
  const auto s = services.find(key);
  if (!s) {
    return call->respond(
        answer_of(404, "not_found",
                  "there is no service " + key.grouped() + " in namespace " + key.namespace_id));
  }
  json out = row_of(*s);
  out["created_by_user"] = s->created_by_user;
  out["protect_threshold"] = s->settings ? s->settings->protect_threshold : 0.0;
  out["metadata"] = s->settings ? json(s->settings->metadata) : json::object();
  json clusters = json::array();
  if (s->settings) {
    for (const auto& [name, c] : s->settings->clusters) {
      json row = json::object();
      row["name"] = name;
      row["checker"] = c.checker.type;
      row["use_instance_port"] = c.use_instance_port;
      row["check_port"] = c.check_port;
      clusters.push_back(std::move(row));
    }
  }
  out["clusters"] = std::move(clusters);
  json hosts = json::array();
  for (const auto& h : s->hosts) hosts.push_back(host_of(*h));
  out["hosts"] = std::move(hosts);
  call->respond(json_answer(out));
}

}  // namespace

void add_console_routes(router& routes, std::shared_ptr<const naming::catalogue> services) {
  for (const auto* from : {"/", "/console", "/nacos", "/nacos/"}) {
    routes.add("GET", from, [](const exchange_ptr& call, const std::string&) {
      call->respond(redirect("/console/"));
    });
  }
  routes.add("GET", "/console/{path...}", serve_file);
  routes.add(
      "GET", "/admin/v1/naming/services",
      [services](const exchange_ptr& call, const std::string&) { list_services(call, *services); });
  routes.add(
      "GET", "/admin/v1/naming/service",
      [services](const exchange_ptr& call, const std::string&) { show_service(call, *services); });
}

}  // namespace troupe::http
