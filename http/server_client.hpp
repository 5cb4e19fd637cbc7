// server_client: one request of this server to another one's HTTP interface. Knows nothing of why.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::http {

struct outgoing_request {
  std::string address;  ///< host:port
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< JSON
};

struct incoming_answer {
  enum class outcome : std::uint8_t {
    answered,
    refused,  ///< nobody listens at the address
    failed,   ///< no answer in time, or none that is HTTP
  };
  outcome what = outcome::failed;
  unsigned status = 0;
  std::string body;  ///< of at most answer_bytes_max
};

constexpr std::uint64_t answer_bytes_max = 1U << 20U;

/// POSTs over a connection of its own. `done` is called once, on a thread of `io`, within about
/// `patience`.
void post_json(boost::asio::io_context& io, outgoing_request request,
               std::chrono::milliseconds patience, std::function<void(incoming_answer)> done);

}  // namespace troupe::http
