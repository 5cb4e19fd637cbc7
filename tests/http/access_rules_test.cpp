// What requests need, and what they touch.
#include "http/access_rules.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::http;

namespace {

access_need need(std::string_view method, std::string_view path) {
  return need_of({method, path, {}, {}, {}});
}

std::vector<std::string> touched(access_class what, std::string_view path, std::string_view form) {
  parameters p;
  REQUIRE(p.add_form(form));
  std::vector<std::string> all;
  for (const auto& r : resources_of(what, {"POST", path, {}, {}, {}}, p)) {
    all.push_back(r.namespace_id + ' ' + r.group + ' ' + r.name);
  }
  return all;
}

std::vector<std::string> service(std::string_view form,
                                 std::string_view path = "/nacos/v1/ns/instance") {
  return touched(access_class::naming, path, form);
}

std::vector<std::string> configuration(std::string_view form) {
  return touched(access_class::configuration, "/nacos/v1/cs/configs", form);
}

using all = std::vector<std::string>;

}  // namespace

TEST_CASE("what needs nobody: logging in, health, pages, what is scraped", "[access]") {
  for (const auto* path :
       {"/nacos/v1/auth/login", "/nacos/v1/auth/users/login", "/nacos/v1/auth/users/admin",
        "/nacos/v1/console/health/readiness", "/nacos/v1/console/server/state"}) {
    INFO(path);
    CHECK(need("POST", path).what == access_class::open);
  }
  for (const auto* path :
       {"/", "/nacos", "/nacos/", "/console/", "/console/console.js", "/health/live", "/metrics",
        "/nacos/v2/console/health/liveness", "/nacos/actuator/prometheus", "/nacos/serverlist",
        "/nacos/v1/ns/operator/metrics", "/nacos/v2/ns/operator/metrics", "/nacos/v1/cs/health"}) {
    INFO(path);
    CHECK(need("GET", path).what == access_class::open);
  }
}

TEST_CASE("who changes the cluster, its users or its switches must be an administrator",
          "[access]") {
  const std::pair<const char*, const char*> requests[] = {
      {"GET", "/nacos/v1/auth/users"},
      {"POST", "/nacos/v1/auth/users"},
      {"DELETE", "/nacos/v1/auth/users"},
      {"POST", "/nacos/v1/auth/roles"},
      {"GET", "/nacos/v1/auth/permissions"},
      {"POST", "/nacos/v1/console/namespaces"},
      {"DELETE", "/nacos/v2/console/namespace"},
      {"POST", "/nacos/v1/core/ops/raft"},
      {"GET", "/nacos/v1/core/cluster/nodes"},
      {"PUT", "/nacos/v1/ns/operator/switches"},
      {"PUT", "/nacos/v2/ns/ops/log"},
      {"GET", "/nacos/v2/ns/client/list"},
      {"GET", "/nacos/v2/ns/instance/statuses/g@@s"},
      {"PUT", "/kv/v1/a"},
      {"GET", "/kv/v1/a"},
      {"GET", "/admin/v1/groups"},
      {"GET", "/nacos/v9/anything"},
      {"GET", "/nacosx/v1/cs/configs"},
      {"GET", "/nacos/v1/css/health"}};
  for (const auto& [method, path] : requests) {
    INFO(method << ' ' << path);
    CHECK(need(method, path).what == access_class::administrator);
  }
  CHECK(need("PUT", "/nacos/v1/auth/users").what == access_class::own_account);
  CHECK(need("GET", "/nacos/v1/console/namespaces").what == access_class::signed_in);
  CHECK(need("GET", "/nacos/v1/ns/operator/switches").what == access_class::signed_in);
}

TEST_CASE("services and configurations are read and written", "[access]") {
  const std::pair<const char*, access_mode> methods[] = {
      {"GET", access_mode::read},  {"HEAD", access_mode::read},   {"POST", access_mode::write},
      {"PUT", access_mode::write}, {"PATCH", access_mode::write}, {"DELETE", access_mode::write}};
  for (const auto& [method, how] : methods) {
    for (const auto* version : {"v1", "v2"}) {
      const auto base = "/nacos/" + std::string(version);
      CHECK(need(method, base + "/ns/instance").what == access_class::naming);
      CHECK(need(method, base + "/ns/instance").how == how);
      CHECK(need(method, base + "/cs/configs").what == access_class::configuration);
      CHECK(need(method, base + "/cs/configs").how == how);
    }
  }
  CHECK(need("POST", "/nacos/v1/cs/configs/listener").how == access_mode::read);
}

TEST_CASE("a service is touched in its namespace and group, by whichever parameter", "[access]") {
  CHECK(service("serviceName=s") == all{"public DEFAULT_GROUP naming/s"});
  CHECK(service("serviceName=g@@s&namespaceId=dev") == all{"dev g naming/s"});
  CHECK(service("serviceName=s&groupName=g&namespaceId=") == all{"public g naming/s"});
  CHECK(service("serviceName=g@@s&groupName=h") == all{"public h naming/s", "public g naming/s"});
}

TEST_CASE("a list of services is of the default group, a search of every group", "[access]") {
  CHECK(service("namespaceId=dev", "/nacos/v1/ns/service/list") ==
        all{"dev DEFAULT_GROUP naming/*"});
  CHECK(service("namespaceId=dev", "/nacos/v1/ns/catalog/services") == all{"dev * naming/*"});
}

TEST_CASE("a configuration is touched in the namespace that its handler reads", "[access]") {
  CHECK(configuration("dataId=d&group=g") == all{"public g config/d"});
  CHECK(configuration("dataId=d&group=g&tenant=dev") == all{"dev g config/d"});
  CHECK(configuration("dataId=d&group=g&tenant=dev&namespaceId=test") == all{"dev g config/d"});
  CHECK(configuration("group=g") == all{"public g config/*"});
  CHECK(configuration("search=blur&dataId=*&group=") == all{"public * config/*"});
}

TEST_CASE("what is named by ids may lie anywhere", "[access]") {
  CHECK(configuration("tenant=dev&ids=1,2") == all{"dev * config/*", "* * config/*"});
}

TEST_CASE("a long poll touches every configuration that it waits for", "[access]") {
  const auto polled = [](std::string_view form) {
    return touched(access_class::configuration, "/nacos/v1/cs/configs/listener", form);
  };
  CHECK(polled("tenant=mine&Listening-Configs=d%02g%02m%02dev%01e%02h%02m%01") ==
        all{"dev g config/d", "public h config/e"});
  // As the handler does it: the field may be encoded twice.
  CHECK(polled("Listening-Configs=d%2502g%2502m%2502dev%2501") == all{"dev g config/d"});
  CHECK(polled("Listening-Configs=d%02g%02m%02null%01") == all{"public g config/d"});
}

TEST_CASE("what a handler of configurations ignores does not stand for what it acts on",
          "[access]") {
  CHECK(configuration("dataId=d&group=g&tenant=mine&Listening-Configs=d%02g%02m%02dev%01") ==
        all{"mine g config/d"});
  CHECK(configuration("dataId=d&group=g&namespaceId=dev") == all{"public g config/d"});
  CHECK(configuration("dataId=d&group=&groupName=mine&tenant=dev") == all{"dev * config/d"});
  CHECK(configuration("dataId=d&group=g&tenant=null") == all{"public g config/d"});
  CHECK(touched(access_class::configuration, "/nacos/v2/cs/config",
                "dataId=d&group=g&namespaceId=dev&tenant=mine") == all{"dev g config/d"});
  CHECK(touched(access_class::configuration, "/nacos/v1/cs/listener", "ip=10.0.0.1") ==
        all{"public * config/*", "* * config/*"});
}
