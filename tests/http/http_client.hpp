// http_client: one connection to a server on loopback, as a client holds it. Calls block, with a
// limit of time, so that a server that never answers fails a test instead of hanging it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

struct http_reply {
  unsigned status = 0;  ///< 0: no answer came
  std::map<std::string, std::string> headers;
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

using http_headers = std::vector<std::pair<std::string, std::string>>;

class http_client {
 public:
  explicit http_client(std::uint16_t port);
  ~http_client();
  http_client(http_client&&) noexcept;
  http_client& operator=(http_client&&) noexcept;

  http_reply send(const std::string& method, const std::string& target,
                  const std::string& body = {}, const http_headers& headers = {});
  http_reply get(const std::string& target, const http_headers& headers = {}) {
    return send("GET", target, {}, headers);
  }
  /// A form, as Java and C++ clients send it.
  http_reply form(const std::string& method, const std::string& target, const std::string& body) {
    return send(method, target, body,
                {{"Content-Type", "application/x-www-form-urlencoded;charset=utf8"}});
  }

  void write(const std::string& bytes);
  http_reply read_reply(bool of_head = false);
  /// True when the server closes within `limit`; what it sent before goes to `received`.
  bool closed_within(std::chrono::milliseconds limit, std::string* received = nullptr);

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe::test
