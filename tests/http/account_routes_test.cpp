// Logging in, users, roles and permissions over HTTP, byte for byte where clients look. C.9.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/http/secured_server.hpp"

using namespace troupe;
using namespace troupe::test;
using nlohmann::json;

namespace {

const std::string users = "/nacos/v1/auth/users";
const std::string roles = "/nacos/v1/auth/roles";
const std::string permissions = "/nacos/v1/auth/permissions";

}  // namespace

TEST_CASE_METHOD(secured_server, "who logs in gets what every client reads", "[access]") {
  for (const auto* path : {"/nacos/v1/auth/login", "/nacos/v1/auth/users/login"}) {
    const auto r = form("POST", path, "username=nacos&password=secret");
    CHECK(r.status == 200);
    const auto body = json::parse(r.body);
    const std::string token = body["accessToken"];
    CHECK(body["tokenTtl"].is_number_integer());
    CHECK(r.body == R"({"accessToken":")" + token +
                        R"(","tokenTtl":18000,"globalAdmin":true,"username":"nacos"})");
    CHECK(r.header("Authorization") == "Bearer " + token);
  }
}

TEST_CASE_METHOD(secured_server, "the name may come in the query and the password in the form",
                 "[access]") {
  CHECK(form("POST", users + "/login?username=nacos", "password=secret").status == 200);
  CHECK(send("POST", users + "/login?username=nacos&password=secret").status == 200);
}

TEST_CASE_METHOD(secured_server, "a wrong password is told in plain text", "[access]") {
  const auto r = form("POST", users + "/login", "username=nacos&password=wrong");
  CHECK(r.status == 403);
  CHECK(r.body == "user not found!");
  CHECK(form("POST", users + "/login", "username=nacos").body == "Param 'password' is required.");
}

TEST_CASE_METHOD(secured_server, "who is no administrator is told so when logging in", "[access]") {
  add_user("ann", "dev", "public:*:*", "r");
  const auto r = form("POST", users + "/login", "username=ann&password=secret");
  CHECK(json::parse(r.body)["globalAdmin"] == false);
}

TEST_CASE("with authentication off everybody may log in and gets the constant token", "[access]") {
  const running_server server;
  const auto r = server.send("POST", "/nacos/v1/auth/login?username=ann&password=whatever");
  CHECK(r.body ==
        R"({"accessToken":"AUTH_DISABLED","tokenTtl":18000,"globalAdmin":true,"username":"ann"})");
  CHECK(r.header("Authorization") == "Bearer AUTH_DISABLED");
}

TEST_CASE_METHOD(secured_server, "the first administrator is made once", "[access]") {
  const auto r = form("POST", users + "/admin", "password=other");
  CHECK(r.status == 200);
  CHECK(r.body == R"({"code":409,"message":"have admin user cannot use it","data":null})");
}

TEST_CASE("an administrator without a password of choice is given one", "[access]") {
  const running_server server({}, {}, secured_server::settings());
  const auto made = json::parse(server.send("POST", users + "/admin").body);
  const std::string password = made["password"];
  CHECK(password.size() == 20);
  CHECK(server.send("POST", users + "/login?username=nacos&password=" + password).status == 200);
}

TEST_CASE_METHOD(secured_server, "users are added, listed, changed and removed", "[access]") {
  const auto by = as("nacos");
  CHECK(form("POST", users, "username=ann&password=secret", by).body ==
        R"({"code":200,"message":null,"data":"create user ok!"})");
  const auto again = form("POST", users, "username=ann&password=secret", by);
  CHECK(again.status == 400);
  CHECK(again.body == "caused: user 'ann' already exist!;");

  const auto page = json::parse(get(users + "?pageNo=1&pageSize=1&search=accurate", by).body);
  CHECK(page["totalCount"] == 2);
  CHECK(page["pageNumber"] == 1);
  CHECK(page["pagesAvailable"] == 2);
  CHECK(page["pageItems"].size() == 1);
  CHECK(page["pageItems"][0]["username"] == "ann");
  CHECK(page["pageItems"][0]["password"].get<std::string>().rfind("$2b$", 0) == 0);
  CHECK(json::parse(get(users + "?username=nacos", by).body)["totalCount"] == 1);
  CHECK(json::parse(get(users + "?username=a*&search=blur", by).body)["totalCount"] == 1);
  CHECK(get(users + "/search?username=n", by).body == R"(["ann","nacos"])");

  CHECK(form("PUT", users, "username=ann&newPassword=better", by).body ==
        R"({"code":200,"message":null,"data":"update user ok!"})");
  CHECK(form("PUT", users, "username=zoe&newPassword=better", by).body ==
        "caused: user 'zoe' not exist!;");
  CHECK(send("DELETE", users + "?username=ann", by).body ==
        R"({"code":200,"message":null,"data":"delete user ok!"})");
  CHECK(send("DELETE", users + "?username=nacos", by).body ==
        "caused: cannot delete admin: nacos;");
}

TEST_CASE_METHOD(secured_server, "roles are bound, listed and taken", "[access]") {
  const auto by = as("nacos");
  add_user("ann", "dev", "public:*:*", "r");
  CHECK(form("POST", roles, "role=test&username=ann", by).body ==
        R"({"code":200,"message":null,"data":"add role ok!"})");
  CHECK(form("POST", roles, "role=ROLE_ADMIN&username=ann", by).body ==
        "caused: role 'ROLE_ADMIN' is not permitted to create!;");
  CHECK(get(roles + "?pageNo=1&pageSize=10&username=ann", by).body ==
        R"({"totalCount":2,"pageNumber":1,"pagesAvailable":1,"pageItems":)"
        R"([{"role":"dev","username":"ann"},{"role":"test","username":"ann"}]})");
  CHECK(get(roles + "/search?role=e", by).body == R"(["dev","test"])");
  CHECK(send("DELETE", roles + "?role=test&username=ann", by).body ==
        R"({"code":200,"message":null,"data":"delete role of user ann ok!"})");
  CHECK(send("DELETE", roles + "?role=dev", by).body ==
        R"({"code":200,"message":null,"data":"delete role ok!"})");
  CHECK(json::parse(get(roles, by).body)["totalCount"] == 1);
}

TEST_CASE_METHOD(secured_server, "permissions are given, listed and taken", "[access]") {
  const auto by = as("nacos");
  add_user("ann", "dev", "dev:*:*", "r");
  CHECK(get(permissions + "?pageNo=1&pageSize=10&role=dev", by).body ==
        R"({"totalCount":1,"pageNumber":1,"pagesAvailable":1,"pageItems":)"
        R"([{"role":"dev","resource":"dev:*:*","action":"r"}]})");
  CHECK(form("POST", permissions, "role=dev&resource=dev&action=r", by).body ==
        "caused: resource: must be namespace:group:name, as in dev:*:*;");
  CHECK(form("POST", permissions, "role=dev&resource=dev:*:*&action=x", by).status == 400);
  CHECK(send("DELETE", permissions + "?role=dev&resource=dev:*:*&action=r", by).body ==
        R"({"code":200,"message":null,"data":"delete permission ok!"})");
  CHECK(json::parse(get(permissions, by).body)["totalCount"] == 0);
}

TEST_CASE_METHOD(secured_server, "a bad name or password is refused with its limit", "[access]") {
  const auto by = as("nacos");
  const auto told = [&](const std::string& body) {
    const auto r = form("POST", users, body, by);
    CHECK(r.status == 400);
    return r.body;
  };
  CHECK(told("username=" + std::string(129, 'a') + "&password=p") ==
        "caused: username: must be UTF-8 without control characters, of at most 128 bytes;");
  CHECK(told("username=%ff&password=p").rfind("caused: username: must be UTF-8", 0) == 0);
  CHECK(told("username=a%0Ab&password=p").rfind("caused: username: must be UTF-8", 0) == 0);
  CHECK(told("username=ann&password=" + std::string(73, 'p')) ==
        "caused: password: must have 1 to 72 bytes, none of them NUL: bcrypt looks at no more;");
  CHECK(get(users + "?pageSize=0", by).body ==
        "caused: pageNo: from 1; pageSize: from 1 to 10000;");
}

TEST_CASE_METHOD(secured_server, "without a leader users are recognised but not changed",
                 "[access]") {
  const auto by = as("nacos");
  server.cluster->fail_with(error{error_code::no_leader, "", {}});
  CHECK(get(users, by).status == 200);
  const auto r = form("POST", users, "username=ann&password=p", by);
  CHECK(r.status == 500);
  CHECK(r.body == "caused: The Raft Group [nacos_config] did not find the Leader node;");
}
