#include "http/access_rules.hpp"

#include <algorithm>
#include <initializer_list>

#include "http/config_tenant.hpp"
#include "http/listening_configs.hpp"
#include "processors/namespace_messages.hpp"

namespace troupe::http {

namespace {

struct rule {
  std::string_view method;  ///< empty: every one; GET: HEAD, too
  std::string_view prefix;  ///< whole segments of the path, behind the version for Nacos's own
  access_class what;
};

/// Outside /nacos. The first that fits counts.
constexpr rule own_rules[] = {
    {"", "/health", access_class::open},      {"", "/metrics", access_class::open},
    {"", "/console", access_class::open},  // the pages; what they ask is not
    {"", "/kv", access_class::administrator}, {"", "/admin", access_class::administrator},
};

/// Under /nacos and, where there is one, the version of the interface.
constexpr rule nacos_rules[] = {
    {"", "/auth/login", access_class::open},
    {"", "/auth/users/login", access_class::open},
    {"", "/auth/user/login", access_class::open},
    {"POST", "/auth/users/admin", access_class::open},  // refused once there is one
    {"PUT", "/auth/users", access_class::own_account},
    {"", "/console/health", access_class::open},
    {"", "/console/server", access_class::open},
    {"GET", "/console/namespaces", access_class::signed_in},
    {"GET", "/console/namespace", access_class::signed_in},
    {"", "/actuator", access_class::open},
    {"GET", "/serverlist", access_class::open},
    {"GET", "/core/cluster/health", access_class::open},
    {"GET", "/core/cluster/node/self/health", access_class::open},
    // Clients ask whether a server is up before they have a token.
    {"GET", "/ns/operator/metrics", access_class::open},
    {"GET", "/ns/ops/metrics", access_class::open},
    {"GET", "/ns/operator", access_class::signed_in},
    {"GET", "/ns/ops", access_class::signed_in},
    {"", "/ns/operator", access_class::administrator},
    {"", "/ns/ops", access_class::administrator},
    {"GET", "/ns/raft", access_class::signed_in},
    {"", "/ns/client", access_class::administrator},
    // Between servers: its parameter names a service of whatever namespace.
    {"", "/ns/instance/statuses", access_class::administrator},
    {"GET", "/ns/health", access_class::signed_in},  // which checkers there are
    {"", "/ns", access_class::naming},
    {"", "/client/ns", access_class::naming},
    {"GET", "/cs/health", access_class::open},
    {"", "/cs", access_class::configuration},
    {"", "/client/cs", access_class::configuration},
};

bool fits(const rule& r, std::string_view method, std::string_view path) {
  const bool right_method =
      r.method.empty() || r.method == method || (r.method == "GET" && method == "HEAD");
  return right_method && path.substr(0, r.prefix.size()) == r.prefix &&
         (path.size() == r.prefix.size() || path[r.prefix.size()] == '/');
}

/// "/v1/ns/instance" → "/ns/instance"
std::string_view without_version(std::string_view path) {
  for (const std::string_view version : {"/v1/", "/v2/", "/v3/"}) {
    if (path.substr(0, version.size()) == version) return path.substr(version.size() - 1);
  }
  return path;
}

/// Long polls read, though they are posted.
bool reads(const request& r, std::string_view path) {
  const std::string_view listener = "/listener";
  return r.method == "GET" || r.method == "HEAD" ||
         (r.method == "POST" && path.size() >= listener.size() &&
          path.substr(path.size() - listener.size()) == listener);
}

using texts = std::vector<std::string>;

/// The values of these parameters that are not blank, each once.
texts values_of(const parameters& form, std::initializer_list<std::string_view> names) {
  texts found;
  for (const auto name : names) {
    const auto value = std::string(trimmed(form.find(name).value_or("")));
    if (!value.empty() && std::find(found.begin(), found.end(), value) == found.end()) {
      found.push_back(value);
    }
  }
  return found;
}

std::string or_default(std::string_view namespace_id) {
  return std::string(namespace_id.empty() ? processors::spaces::default_id : namespace_id);
}

std::vector<resource> combined(const texts& namespaces, const texts& groups,
                               const std::string& name) {
  std::vector<resource> all;
  for (const auto& id : namespaces) {
    for (const auto& group : groups) all.push_back({id, group, name});
  }
  return all;
}

std::vector<resource> services_of(const request& r, const parameters& form) {
  auto namespaces = values_of(form, {"namespaceId"});
  if (namespaces.empty()) namespaces.push_back(or_default({}));
  auto groups = values_of(form, {"groupName"});
  auto name = std::string(trimmed(form.find("serviceName").value_or("")));
  if (const auto at = name.find("@@"); at != std::string::npos) {
    const auto group = name.substr(0, at);
    name.erase(0, at + 2);
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
  }
  const std::string_view list = "/service/list";
  const bool has_default = !name.empty() || (r.path.size() > list.size() &&
                                             r.path.substr(r.path.size() - list.size()) == list);
  if (groups.empty()) groups.emplace_back(has_default ? "DEFAULT_GROUP" : "*");
  return combined(namespaces, groups, "naming/" + (name.empty() ? "*" : name));
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// nacos-spec C.8.3: lines of data id, group, digest and, if any, tenant.
std::vector<resource> listened_configurations(std::string_view field) {
  const auto text = decode_listening(field);
  std::string_view lines = text;
  constexpr char line_end = '\x01';
  constexpr char field_end = '\x02';
  std::vector<resource> all;
  while (!lines.empty()) {
    auto line = lines.substr(0, lines.find(line_end));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    std::string_view fields[4];
    for (auto& field : fields) {
      field = line.substr(0, line.find(field_end));
      line.remove_prefix(std::min(line.size(), field.size() + 1));
    }
    all.push_back({or_default(canonical_tenant(fields[3])), std::string(fields[1]),
                   "config/" + std::string(fields[0])});
  }
  return all;
}

/// Parameters are read as the handlers read them: what a handler ignores must not stand for what it
/// acts on.
std::vector<resource> configurations_of(const request& r, const parameters& form) {
  if (r.method == "POST" && ends_with(r.path, "/configs/listener")) {
    return listened_configurations(form.find("Listening-Configs").value_or(""));
  }
  const std::string_view v1 = "/nacos/v1/";
  const auto* own = r.path.substr(0, v1.size()) == v1 ? "tenant" : "namespaceId";
  const auto tenant = trimmed(form.find(own).value_or(""));
  texts namespaces{or_default(canonical_tenant(tenant))};
  // Ids name configurations of whatever namespace, and an address waits for any.
  if (!values_of(form, {"ids", "clone", "nid", "id"}).empty() ||
      (tenant.empty() && ends_with(r.path, "/cs/listener"))) {
    namespaces.emplace_back("*");
  }
  auto groups = values_of(form, {"group"});
  if (groups.empty()) groups.emplace_back("*");
  const auto name = std::string(trimmed(form.find("dataId").value_or("")));
  return combined(namespaces, groups, "config/" + (name.empty() ? "*" : name));
}

}  // namespace

access_need need_of(const request& r) {
  constexpr std::string_view nacos = "/nacos";
  auto path = r.path;
  const bool is_page = path == "/" || path == nacos || path == "/nacos/";
  if (is_page) return {access_class::open, access_mode::read};
  const bool is_nacos = path.substr(0, nacos.size() + 1) == "/nacos/";
  if (is_nacos) path = without_version(path.substr(nacos.size()));
  const auto how = reads(r, path) ? access_mode::read : access_mode::write;
  const auto first_fit = [&](const auto& rules) {
    for (const auto& rule : rules) {
      if (fits(rule, r.method, path)) return access_need{rule.what, how};
    }
    return access_need{access_class::administrator, how};
  };
  return is_nacos ? first_fit(nacos_rules) : first_fit(own_rules);
}

std::vector<resource> resources_of(access_class what, const request& r, const parameters& form) {
  return what == access_class::configuration ? configurations_of(r, form) : services_of(r, form);
}

}  // namespace troupe::http
