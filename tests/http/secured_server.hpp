// secured_server: a running server with authentication on and an administrator nacos/secret, for
// the length of a test.
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "http/text_forms.hpp"
#include "tests/http/running_server.hpp"

namespace troupe::test {

class secured_server {
 public:
  static http::auth_settings settings() {
    http::auth_settings s;
    s.enabled = true;
    s.key = *http::token_key::parse(http::base64_encode(std::string(32, 'k')));
    s.identity_key = "Troupe-Server";
    s.identity_value = "swordfish";
    return s;
  }

  secured_server() {
    const auto made = form("POST", "/nacos/v1/auth/users/admin", "password=secret");
    REQUIRE(made.body == R"({"username":"nacos","password":"secret"})");
  }

  [[nodiscard]] http_reply get(const std::string& target, const http_headers& h = {}) const {
    return server.get(target, h);
  }
  [[nodiscard]] http_reply send(const std::string& method, const std::string& target,
                                const http_headers& h = {}) const {
    return server.send(method, target, {}, h);
  }
  [[nodiscard]] http_reply form(const std::string& method, const std::string& target,
                                const std::string& body, http_headers h = {}) const {
    h.emplace_back("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8");
    return server.send(method, target, body, h);
  }

  /// Of a user whose password is "secret".
  [[nodiscard]] std::string token_of(const std::string& user) const {
    const auto r = form("POST", "/nacos/v1/auth/login", "username=" + user + "&password=secret");
    REQUIRE(r.status == 200);
    return nlohmann::json::parse(r.body)["accessToken"];
  }
  [[nodiscard]] std::string admin_token() const { return token_of("nacos"); }
  [[nodiscard]] http_headers as(const std::string& user) const {
    return {{"accessToken", token_of(user)}};
  }

  void permit(const std::string& role, const std::string& resource, const std::string& action) {
    administer("POST", "/nacos/v1/auth/permissions",
               "role=" + role + "&resource=" + resource + "&action=" + action);
  }
  /// With the password "secret" and one role, permitted one thing.
  void add_user(const std::string& name, const std::string& role, const std::string& resource,
                const std::string& action) {
    administer("POST", "/nacos/v1/auth/users", "username=" + name + "&password=secret");
    administer("POST", "/nacos/v1/auth/roles", "role=" + role + "&username=" + name);
    permit(role, resource, action);
  }

  running_server server{{}, {}, settings()};

 private:
  void administer(const std::string& method, const std::string& target, const std::string& body) {
    const auto r = form(method, target, body, as("nacos"));
    INFO(r.body);
    REQUIRE(r.status == 200);
  }
};

}  // namespace troupe::test
