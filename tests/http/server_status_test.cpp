// Which naming requests are let in (nacos-spec C.1).
#include "http/server_status.hpp"

#include "naming/catalogue.hpp"
#include "tests/http/running_server.hpp"

using namespace troupe;
using processors::naming::switches;

namespace {

/// "" when it is let in, else status and body.
std::string closed(const switches& s, std::string_view method, std::string_view path,
                   std::string_view query = {}, bool is_loaded = true) {
  http::request r;
  r.method = method;
  r.path = path;
  r.query = query;
  const auto answer = http::closed_by(s, is_loaded, r);
  return answer ? std::to_string(answer->status) + ' ' + answer->body : "";
}

constexpr std::string_view list = "/nacos/v1/ns/instance/list";

}  // namespace

TEST_CASE("naming requests wait until what stands is known, others do not") {
  const std::string starting = "503 server is STARTINGnow, please try again later!";
  for (const auto* path : {"/nacos/v1/ns/instance/list", "/nacos/v2/ns/instance/list",
                           "/nacos/v3/client/ns/instance/list", "/nacos/v1/ns/operator/metrics"}) {
    CHECK(closed({}, "GET", path, {}, false) == starting);
    CHECK(closed({}, "GET", path).empty());
  }
  CHECK(closed({}, "GET", "/nacos/v1/cs/configs", {}, false).empty());
  CHECK(closed({}, "GET", "/health/ready", {}, false).empty());
}

TEST_CASE("an overridden status closes for writes, for reads, or for both") {
  switches s;
  const auto is_open = [&](const char* status, std::string_view method) {
    s.overridden_server_status = status;
    return closed(s, method, list).empty();
  };
  CHECK((is_open("UP", "GET") && is_open("UP", "POST")));
  CHECK((is_open("READ_ONLY", "GET") && is_open("READ_ONLY", "HEAD")));
  CHECK_FALSE(is_open("READ_ONLY", "POST"));
  CHECK(is_open("WRITE_ONLY", "DELETE"));
  CHECK_FALSE(is_open("WRITE_ONLY", "GET"));
  CHECK_FALSE(is_open("DOWN", "GET"));
  CHECK(closed(s, "PUT", list) == "503 server is DOWNnow, please try again later!");
  CHECK(closed(s, "PUT", "/nacos/v1/ns/operator/switches").empty());
  s.overridden_server_status = "UP";
  CHECK(closed(s, "GET", list, {}, false).empty());
}

TEST_CASE("limited URLs are answered with their code and nothing else") {
  switches s;
  s.limited_urls = {{"/nacos/v1/ns/instance/list?serviceName=big", 429}};
  CHECK(closed(s, "GET", list, "serviceName=big&x=1") == "429 ");
  CHECK(closed(s, "GET", list, "serviceName=small").empty());
  CHECK(closed(s, "GET", list).empty());
}

TEST_CASE("a node is ready and lists services once each naming group has told its state") {
  http::naming_services services;
  services.catalogue = std::make_shared<naming::catalogue>();
  test::running_server s({}, services);
  const std::string target = "/nacos/v1/ns/instance/list?serviceName=orders";
  const auto is_closed = [&] {
    CHECK(s.get("/health/ready").body ==
          R"({"status":"not_ready","reasons":["naming_persistent_service_v2: not loaded"]})");
    CHECK(s.get("/nacos/v1/console/health/readiness").body == "naming not in readiness");
    return s.get(target).status == 503;
  };
  CHECK(is_closed());
  services.catalogue->instances_begin();
  services.catalogue->instances_loaded();
  CHECK(is_closed());
  services.catalogue->settings_begin();
  services.catalogue->settings_loaded();
  CHECK(is_closed());
  services.catalogue->overlays_begin();
  services.catalogue->overlays_loaded();
  CHECK(s.get("/health/ready").status == 200);
  CHECK(s.get("/nacos/v1/console/health/readiness").body == "OK");
  CHECK(s.get(target).status == 200);
}
