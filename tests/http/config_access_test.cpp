// Configurations where users sign in: who may do what, and whom the history names.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/http/secured_server.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr const char* configs = "/nacos/v1/cs/configs";

}  // namespace

TEST_CASE_METHOD(secured_server, "the history names who signed in, not who the request says",
                 "[config][access]") {
  const auto admin = as("nacos");
  CHECK(form("POST", configs, "dataId=a&group=g&content=1&src_user=eve", admin).body == "true");
  const auto r = get(std::string(configs) + "?dataId=a&group=g&show=all", admin);
  CHECK(nlohmann::json::parse(r.body).at("createUser") == "nacos");
}

TEST_CASE_METHOD(secured_server, "parameters that a handler ignores open no other namespace",
                 "[config][access]") {
  add_user("ann", "developer", "dev:*:*", "rw");
  const auto ann = as("ann");
  CHECK(form("POST", configs, "dataId=a&group=g&content=1&tenant=dev", ann).body == "true");
  for (const auto* elsewhere :
       {"dataId=a&group=g&content=2", "dataId=a&group=g&content=2&namespaceId=dev",
        "dataId=a&group=g&content=2&tenant=null",
        "dataId=a&group=g&content=2&tenant=test&Listening-Configs=a%02g%02m%02dev%01"}) {
    INFO(elsewhere);
    CHECK(form("POST", configs, elsewhere, ann).status == 403);
  }
  const std::string listener = std::string(configs) + "/listener";
  const auto polled = [&](const std::string& lines) {
    return form("POST", listener, "Listening-Configs=" + lines, ann).status;
  };
  CHECK(polled("a%02g%02m%02dev%01") == 200);
  CHECK(polled("a%02g%02m%01") == 403);
  CHECK(polled("a%2502g%2502m%2502test%2501") == 403);
  CHECK(get("/nacos/v1/cs/listener?ip=10.0.0.1&tenant=dev", ann).status == 200);
  CHECK(get("/nacos/v1/cs/listener?ip=10.0.0.1", ann).status == 403);
}
