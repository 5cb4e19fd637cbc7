// The guard: who passes, by what; and what the others are told. nacos-spec C.3, C.9.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "http/text_forms.hpp"
#include "tests/http/secured_server.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr const char* list = "/nacos/v1/ns/instance/list?serviceName=orders";

std::string message_of(const http_reply& r) {
  CHECK(r.status == 403);
  const auto body = nlohmann::json::parse(r.body, nullptr, false);
  return body.is_object() ? body.value("message", "") : "";
}

}  // namespace

TEST_CASE_METHOD(secured_server, "a token passes wherever clients put it", "[access]") {
  const auto token = admin_token();
  CHECK(get(std::string(list) + "&accessToken=" + token).status == 200);
  CHECK(get(list, {{"Authorization", "Bearer " + token}}).status == 200);
  CHECK(get(list, {{"authorization", "bearer " + token}}).status == 200);
  CHECK(get(list, {{"accessToken", token}}).status == 200);
  CHECK(form("POST", "/nacos/v1/ns/instance",
             "serviceName=orders&ip=10.0.0.1&port=80&ephemeral=false&accessToken=" + token)
            .body == "ok");
}

TEST_CASE_METHOD(secured_server, "name and password on each request pass, too", "[access]") {
  CHECK(get(std::string(list) + "&username=nacos&password=secret").status == 200);
  CHECK(form("POST", "/nacos/v1/ns/instance?username=nacos",
             "serviceName=orders&ip=10.0.0.1&port=80&ephemeral=false&password=secret")
            .body == "ok");
}

TEST_CASE_METHOD(secured_server, "who is not recognised is told why", "[access]") {
  const auto told = [this](const std::string& with) {
    return message_of(get(std::string(list) + with));
  };
  CHECK(told("") == "user not found!");
  CHECK(told("&username=nacos") == "user not found!");
  CHECK(told("&username=nacos&password=wrong") == "user not found!");
  CHECK(told("&username=nobody&password=secret") == "user not found!");
  CHECK(told("&accessToken=AUTH_DISABLED") == "token invalid!");
  CHECK(told("&accessToken=a.b.c") == "token invalid!");
  CHECK(told("&accessToken=" + admin_token() + "x") == "Invalid signature");
  const auto token = admin_token();
  *server.now_ms += 18'000'000;
  CHECK(told("&accessToken=" + token) == "token expired!");
}

TEST_CASE_METHOD(secured_server, "a refusal has the form of its part of the interface",
                 "[access]") {
  CHECK(get(list).body ==
        R"({"timestamp":"2023-11-14T22:13:20.000+00:00","status":403,"error":"Forbidden",)"
        R"("message":"user not found!","path":"/nacos/v1/ns/instance/list"})");
  CHECK(get("/nacos/v1/ns/instance/list").header("Content-Type") == "application/json");
  CHECK(get("/kv/v1/a").body ==
        R"({"code":"forbidden","message":"user not found!","retriable":false})");
}

TEST_CASE_METHOD(secured_server, "servers know each other by their header", "[access]") {
  CHECK(get("/admin/v1/node", {{"Troupe-Server", "swordfish"}}).status == 200);
  CHECK(get("/admin/v1/node", {{"Troupe-Server", "swordfisH"}}).status == 403);
  CHECK(get("/admin/v1/node", {{"Troupe-Server", ""}}).status == 403);
}

TEST_CASE_METHOD(secured_server, "what needs nobody is open, and what is not there is not there",
                 "[access]") {
  CHECK(get("/health/live").status == 200);
  CHECK(get("/nacos/v1/cs/nothing").status == 404);
  CHECK(get("/nacos/v1/ns/nothing").status == 501);
}

TEST_CASE_METHOD(secured_server, "operators' own interfaces need an administrator", "[access]") {
  add_user("ann", "dev", "*:*:*", "rw");
  for (const auto* path : {"/admin/v1/node", "/kv/v1?prefix=a", "/nacos/v1/auth/users"}) {
    INFO(path);
    CHECK(message_of(get(path, as("ann"))) == "authorization failed!");
    CHECK(get(path, as("nacos")).status == 200);
  }
}

TEST_CASE_METHOD(secured_server, "a role may do what it is permitted, and no more", "[access]") {
  add_user("ann", "dev", "dev:orders:*", "r");
  const auto path = [](const std::string& with) {
    return "/nacos/v1/ns/instance/list?serviceName=s&" + with;
  };
  CHECK(get(path("namespaceId=dev&groupName=orders"), as("ann")).status == 200);
  CHECK(get("/nacos/v1/ns/instance/list?serviceName=orders@@s&namespaceId=dev", as("ann")).status ==
        200);
  CHECK(message_of(get(path("namespaceId=dev"), as("ann"))) == "authorization failed!");
  CHECK(message_of(get(path("groupName=orders"), as("ann"))) == "authorization failed!");
  // The group in the name is the one that counts, whatever stands beside it.
  CHECK(message_of(get("/nacos/v1/ns/instance/list?serviceName=other@@s&namespaceId=dev&"
                       "groupName=orders",
                       as("ann"))) == "authorization failed!");
  const auto write =
      "/nacos/v1/ns/instance?serviceName=s&groupName=orders&namespaceId=dev&"
      "ip=10.0.0.1&port=80&ephemeral=false";
  CHECK(message_of(send("POST", write, as("ann"))) == "authorization failed!");
  permit("dev", "dev:orders:*", "w");
  CHECK(send("POST", write, as("ann")).body == "ok");
}

TEST_CASE_METHOD(secured_server, "a new password ends the tokens of the old one", "[access]") {
  add_user("ann", "dev", "public:*:*", "r");
  const auto old = as("ann");
  CHECK(get(list, old).status == 200);
  CHECK(form("PUT", "/nacos/v1/auth/users", "username=ann&newPassword=better", old).status == 200);
  CHECK(message_of(get(list, old)) == "token expired!");
  CHECK(message_of(get(std::string(list) + "&username=ann&password=secret")) == "user not found!");
  CHECK(get(std::string(list) + "&username=ann&password=better").status == 200);
}

TEST_CASE_METHOD(secured_server, "everybody changes their own password and nobody else's",
                 "[access]") {
  add_user("ann", "dev", "public:*:*", "r");
  add_user("bob", "dev2", "public:*:*", "r");
  const auto change = [this](const std::string& user, const http_headers& by) {
    return form("PUT", "/nacos/v1/auth/users", "username=" + user + "&newPassword=new", by);
  };
  CHECK(message_of(change("bob", as("ann"))) == "authorization failed!");
  CHECK(change("bob", as("nacos")).status == 200);
  CHECK(change("ann", as("ann")).status == 200);
}

TEST_CASE_METHOD(secured_server, "who is removed is out at once", "[access]") {
  add_user("ann", "dev", "public:*:*", "r");
  const auto token = as("ann");
  const auto by_password = std::string(list) + "&username=ann&password=secret";
  CHECK(get(list, token).status == 200);
  CHECK(get(by_password).status == 200);
  CHECK(send("DELETE", "/nacos/v1/auth/users?username=ann", as("nacos")).status == 200);
  CHECK(message_of(get(list, token)) == "user not found!");
  CHECK(message_of(get(by_password)) == "user not found!");
}

TEST_CASE_METHOD(secured_server, "a node that still loads its users sends clients elsewhere",
                 "[access]") {
  const auto token = admin_token();
  const auto loading = std::make_shared<http::account_table>();
  http::authenticator who(settings(), loading, [] { return 1'700'000'000'000; }, {1, 4, 4});
  CHECK(who.by_token(token).error().status == 503);
  who.by_password("nacos", "secret", [](const auto& r) { CHECK(r.error().status == 503); });
}

TEST_CASE("with authentication off everybody passes, whatever they carry", "[access]") {
  const running_server server;
  CHECK(server.get(list).status == 200);
  CHECK(server.get(std::string(list) + "&accessToken=x&username=a&password=b").status == 200);
  CHECK(server.get("/admin/v1/node").status == 200);
}
