// naming_client: a client of the naming API at work on the service "orders", in few words. Knows
// nothing of what is tested with it.
#pragma once

#include <string>

#include "tests/http/running_server.hpp"

namespace troupe::test {

class naming_client {
 public:
  explicit naming_client(const running_server& s) : http_(s.connect()) {}

  /// The persistent instance 10.0.0.1:8080.
  http_reply enroll(const std::string& more = {}, const std::string& service = "orders") {
    return http_.send(
        "POST", v1 + "?serviceName=" + service + "&ip=10.0.0.1&port=8080&ephemeral=false" + more);
  }
  /// The ephemeral instance 10.0.0.2:8080.
  http_reply enroll_ephemeral(const std::string& more = {}, const std::string& service = "orders") {
    return http_.send("POST", v1 + "?serviceName=" + service + "&ip=10.0.0.2&port=8080" + more);
  }
  std::string list(const std::string& more = {}) {
    return http_.get(v1 + "/list?serviceName=orders" + more).body;
  }
  /// Method and what follows /nacos/v1/ns/instance.
  http_reply call(const std::string& method, const std::string& rest) {
    return http_.send(method, v1 + rest);
  }
  http_reply call_v2(const std::string& method, const std::string& rest) {
    return http_.send(method, v2 + rest);
  }
  http_client& http() { return http_; }

  const std::string v1 = "/nacos/v1/ns/instance";
  const std::string v2 = "/nacos/v2/ns/instance";

 private:
  http_client http_;
};

inline bool has(const std::string& body, const std::string& part) {
  return body.find(part) != std::string::npos;
}

inline std::uint64_t last_ref_time(const std::string& body) {
  const std::string key = "\"lastRefTime\":";
  return std::stoull(body.substr(body.find(key) + key.size()));
}

/// What a refusal of v2 looks like.
inline std::string v2_refusal(int code, const std::string& message, const std::string& data) {
  return R"({"code":)" + std::to_string(code) + R"(,"message":")" + message + R"(","data":")" +
         data + R"("})";
}

}  // namespace troupe::test
