// troupectl_http: asks a cluster over whichever of its endpoints answers. Sends a write again only
// when it surely did not happen. Knows nothing of commands or of what bodies mean, errors apart.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "raft/expected.hpp"

namespace troupe::apps {

/// How troupectl ends; --help documents them.
constexpr int exit_refused = 1;
constexpr int exit_usage = 2;
constexpr int exit_unreachable = 3;
constexpr int exit_outcome_unknown = 4;

struct failure {
  int exit_code = exit_refused;
  std::string message;
  bool may_pass = false;  ///< a node answered that nothing happened and a later try may succeed
  std::string code{};     ///< as docs/http-api.md has it; empty when no node gave one
};

struct http_request {
  std::string method;
  std::string target;  ///< path and query, percent-encoded
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct http_answer {
  unsigned status = 0;
  std::string body;
  std::string etag;  ///< without quotes; empty when there is none
};

class cluster_client {
 public:
  using clock = std::chrono::steady_clock;

  /// `timeout` bounds one request with everything that is tried for it. `token`, when not empty,
  /// says to each endpoint who asks.
  cluster_client(std::vector<std::string> endpoints, std::chrono::milliseconds timeout,
                 std::string token = {})
      : endpoints_(std::move(endpoints)), timeout_(timeout), token_(std::move(token)) {}

  /// An answer with status 2xx. Endpoints that cannot be reached or answer with a retriable error
  /// are passed over; after a retriable error all are asked again, until the time is up.
  raft::expected<http_answer, failure> send(const http_request& request);
  /// The answer of this endpoint, whatever its status.
  raft::expected<http_answer, failure> ask(const std::string& endpoint,
                                           const http_request& request) const;
  [[nodiscard]] const std::vector<std::string>& endpoints() const { return endpoints_; }
  [[nodiscard]] std::chrono::milliseconds timeout() const { return timeout_; }

 private:
  raft::expected<http_answer, failure> try_each(const http_request& request,
                                                clock::time_point deadline);
  [[nodiscard]] std::chrono::milliseconds patience(const http_request& request) const;
  [[nodiscard]] http_request with_token(http_request request) const;

  std::vector<std::string> endpoints_;
  std::chrono::milliseconds timeout_;
  std::string token_;
  std::size_t current_ = 0;  ///< the endpoint that answered last: asked first
};

/// What an answer that is not 2xx says, and the exit code it leads to.
failure failure_of(const http_request& request, const http_answer& answer);

}  // namespace troupe::apps
