#include "http/access_rules.hpp"

#include <algorithm>
#include <initializer_list>

#include "http/config_table.hpp"
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
    {"GET", "/cs/listener", access_class::administrator},  // of one address, in every namespace
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

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Long polls read, though they are posted.
bool is_long_poll(const request& r) {
  return r.method == "POST" && ends_with(r.path, "/cs/configs/listener");
}

bool reads(const request& r) {
  return r.method == "GET" || r.method == "HEAD" || is_long_poll(r);
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
  const bool has_default = !name.empty() || ends_with(r.path, "/service/list");
  if (groups.empty()) groups.emplace_back(has_default ? "DEFAULT_GROUP" : "*");
  std::vector<resource> all;
  for (const auto& id : namespaces) {
    for (const auto& group : groups) {
      all.push_back({id, group, "naming/" + (name.empty() ? "*" : name)});
    }
  }
  return all;
}

resource configuration(std::string_view tenant, std::string_view group, std::string_view data_id) {
  return {or_default(canonical_tenant(tenant)), std::string(group),
          "config/" + std::string(data_id)};
}

/// nacos-spec C.8.3. What cannot be read is the handler's to refuse; here it touches everything.
std::vector<resource> listened_configurations(const parameters& form) {
  const auto lines = decode_listening(form.find("Listening-Configs").value_or(""));
  const auto beliefs = read_beliefs(lines);
  if (!beliefs) return {configuration("*", "*", "*")};
  std::vector<resource> all;
  for (const auto& belief : *beliefs) {
    const auto names = config_names(belief.key);
    all.push_back(configuration(names.tenant, names.config_group, names.data_id));
  }
  return all;
}

std::vector<resource> configurations_of(const request& r, const parameters& form) {
  // By the path alone: elsewhere the field says nothing of what is touched.
  if (is_long_poll(r)) return listened_configurations(form);
  auto tenants = values_of(form, {"tenant", "namespaceId", "namespace"});
  if (tenants.empty()) tenants.emplace_back();
  // Ids name configurations of whatever namespace.
  if (!values_of(form, {"ids", "clone"}).empty()) tenants.emplace_back("*");
  auto groups = values_of(form, {"group", "groupName"});
  if (groups.empty()) groups.emplace_back("*");
  const auto data_id = trimmed(form.find("dataId").value_or(""));
  std::vector<resource> all;
  for (const auto& tenant : tenants) {
    for (const auto& group : groups) {
      all.push_back(configuration(tenant, group, data_id.empty() ? "*" : data_id));
    }
  }
  return all;
}

}  // namespace

access_need need_of(const request& r) {
  constexpr std::string_view nacos = "/nacos";
  auto path = r.path;
  const bool is_page = path == "/" || path == nacos || path == "/nacos/";
  if (is_page) return {access_class::open, access_mode::read};
  const bool is_nacos = path.substr(0, nacos.size() + 1) == "/nacos/";
  if (is_nacos) path = without_version(path.substr(nacos.size()));
  const auto how = reads(r) ? access_mode::read : access_mode::write;
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
