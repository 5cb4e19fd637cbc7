// probe_sockets: one probe each over TCP, HTTP and MySQL's protocol: how it is made, and what its
// end says of the server. Knows nothing of instances and names. nacos-spec C.13.2.
//
// None blocks but probe_mysql(). Every socket is closed before `done` is called.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "naming/prober.hpp"

namespace troupe::naming {

using probe_endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
using probe_done = std::function<void(probe_outcome)>;

struct probe_limits {
  std::chrono::milliseconds connect{500};
  std::chrono::milliseconds answer{5'000};  ///< to a request, on a connection that stands
};

/// Connects to any of the endpoints, and closes.
void probe_tcp(boost::asio::io_context& io, const probe_endpoints& to, const probe_limits& limits,
               probe_done done);

/// GETs the checker's path; only the head of the answer is read, and no redirection followed.
void probe_http(boost::asio::io_context& io, const probe_endpoints& to, const probe_target& target,
                const probe_limits& limits, probe_done done);

/// Logs in, runs the checker's command and reads the first row. Blocks for as long as the limits
/// allow.
probe_outcome probe_mysql(const probe_target& target, const std::string& address,
                          const probe_limits& limits);

// ---- what they go by, for tests ----------------------------------------------------------------

/// Of an attempt to connect or to talk that failed.
probe_outcome outcome_of(const boost::system::error_code& failed, const std::string& on_timeout);
/// C.13.2; the expected status is the checker's (H13), not always 200.
probe_outcome outcome_of_status(std::uint32_t status, std::uint32_t expected);
/// "Name:Value|Name:Value"; what is no header is left out, so that nobody smuggles a request.
std::vector<std::pair<std::string, std::string>> parse_header_list(std::string_view text);
/// A path that can stand in a request line: begins with '/', without blanks and controls.
std::string request_path(std::string_view path);
/// Whether this is the question for the role of a server, which a read-only one fails.
bool asks_for_read_only(std::string_view command);

}  // namespace troupe::naming
