// Liveness, readiness and the state of a server, as Nacos says them. nacos-spec C.10.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/http/secured_server.hpp"

using namespace troupe;
using namespace troupe::test;
using nlohmann::json;

namespace {

const std::string v1 = "/nacos/v1/console/health";
const std::string v2 = "/nacos/v2/console/health";

}  // namespace

TEST_CASE("a server whose actors answer lives", "[state]") {
  const running_server s;
  CHECK(s.get(v1 + "/liveness").body == "OK");
  CHECK(s.get(v2 + "/liveness").body == R"({"code":0,"message":"success","data":"ok"})");
}

TEST_CASE("a server is ready when all its groups are, and says which are not", "[state]") {
  const running_server s;
  CHECK(s.get(v1 + "/readiness").status == 200);
  CHECK(s.get(v1 + "/readiness").body == "OK");
  CHECK(s.get(v2 + "/readiness").body == R"({"code":0,"message":"success","data":"ok"})");
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"naming_persistent_service_v2: no leader"}, "naming not in readiness"},
      {{"nacos_config: no leader"}, "config not in readiness"},
      {{"nacos_config: restarting", "naming_service_metadata: no leader"},
       "config and naming not in readiness"},
      {{"kv: no leader"}, "kv: no leader"}};
  for (const auto& [reasons, text] : cases) {
    s.cluster->reasons = reasons;
    CHECK(s.get(v1 + "/readiness").status == 500);
    CHECK(s.get(v1 + "/readiness").body == text);
    CHECK(s.get(v2 + "/readiness").status == 200);
    CHECK(json::parse(s.get(v2 + "/readiness").body) ==
          json({{"code", 30000}, {"message", "server error"}, {"data", text}}));
  }
}

TEST_CASE("the state of a server is flat, all of it texts or null", "[state]") {
  const running_server s;
  const auto state = json::parse(s.get("/nacos/v1/console/server/state").body);
  for (const auto& [key, value] : state.items()) {
    INFO(key);
    CHECK((value.is_string() || value.is_null()));
  }
  CHECK(state["version"] == "2.5.1");
  CHECK(state["standalone_mode"] == "standalone");
  CHECK(state["function_mode"].is_null());
  CHECK(state["auth_enabled"] == "false");
  CHECK(state["auth_admin_request"] == "false");
}

TEST_CASE_METHOD(secured_server, "the state of a server tells whether to log in", "[state]") {
  const auto state = json::parse(get("/nacos/v1/console/server/state").body);
  CHECK(state["auth_enabled"] == "true");
  CHECK(state["login_page_enabled"] == "true");
  CHECK(state["auth_admin_request"] == "false");
}

TEST_CASE("a server asks for its first administrator", "[state]") {
  const running_server s({}, {}, secured_server::settings());
  CHECK(json::parse(s.get("/nacos/v1/console/server/state").body)["auth_admin_request"] == "true");
}
