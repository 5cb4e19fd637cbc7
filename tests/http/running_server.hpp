// running_server: a server on a free loopback port with a fake cluster behind it and two I/O
// threads, for the length of a test.
#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>

#include "http/server.hpp"
#include "tests/http/fake_cluster.hpp"
#include "tests/http/http_client.hpp"

namespace troupe::test {

class running_server {
 public:
  /// The catalogue of `naming` is the cluster's unless it has one; the switches are the cluster's,
  /// and its ephemeral instances stand in that catalogue, whatever they were.
  explicit running_server(http::server_options options = {}, http::naming_services naming = {},
                          const http::auth_settings& auth = {});
  ~running_server();

  [[nodiscard]] http_client connect() const { return http_client(port()); }
  /// One request on a connection of its own.
  [[nodiscard]] http_reply send(const std::string& method, const std::string& target,
                                const std::string& body = {},
                                const http_headers& headers = {}) const {
    return connect().send(method, target, body, headers);
  }
  [[nodiscard]] http_reply get(const std::string& target, const http_headers& h = {}) const {
    return connect().get(target, h);
  }
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t connections() const;
  void stop();
  /// The error of a second server on the same port.
  [[nodiscard]] error start_second(http::server_options options = {}) const;

  std::shared_ptr<fake_cluster> cluster = std::make_shared<fake_cluster>();
  /// What the server believes to be the time.
  std::shared_ptr<std::atomic<std::uint64_t>> now_ms =
      std::make_shared<std::atomic<std::uint64_t>>(1'700'000'000'000);

  /// What the naming routes stand on.
  http::naming_services naming;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe::test
