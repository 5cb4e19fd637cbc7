// server: the HTTP interface of a node (docs/http-api.md) on one port. Knows nothing of Raft, disks
// and configuration files; groups are asked through cluster_view.
//
// Runs on the io_context that it is given, with as many threads as call run() there: a connection
// has a strand and no thread of its own. Bounds: connections_max connections, each with one request
// in work; a request is at most header_bytes_max + body_bytes_max. Beyond a bound the connection is
// answered and closed, or closed at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "codec/error.hpp"
#include "groups/cluster_view.hpp"
#include "http/access_services.hpp"
#include "http/cluster_services.hpp"
#include "http/naming_services.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace boost::asio {
class io_context;
}

namespace troupe::http {

class config_table;

struct server_options {
  std::string address = "127.0.0.1";  ///< an IP address, or a name that resolves to one
  std::uint16_t port = 8848;          ///< 0: any free one, see server::port()
  std::string setting = "--http";     ///< how messages call the setting that holds address and port
  raft::node_id node;                 ///< stamped into what this node proposes

  std::size_t connections_max = 20'000;
  std::uint32_t header_bytes_max = 64U << 10U;
  /// A configuration of 10 MiB, each byte of which a form may write as three.
  std::uint64_t body_bytes_max = 32U << 20U;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds write_timeout{60'000};  ///< for a client that does not read its answer

  /// Milliseconds since the epoch, stamped into what this node proposes; the system clock when
  /// empty.
  std::function<std::uint64_t()> now_ms;
};

/// What handlers stand on beside the groups; apps/ and the tests make it.
struct server_parts {
  naming_services naming;
  access_services access;
  std::shared_ptr<config_table> configs;  ///< never null
  cluster_services cluster;
};

class server {
 public:
  /// `io` must outlive the server and every completion that the view's groups still owe.
  server(boost::asio::io_context& io, server_options options, std::shared_ptr<cluster_view> view,
         const server_parts& parts);
  ~server();  ///< stops
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Binds and listens. The error names the setting, its value and what to do. Called once.
  raft::expected<void, error> start();
  /// Closes the port and every connection; unanswered requests get no answer. From any thread.
  void stop();

  [[nodiscard]] std::uint16_t port() const;  ///< that start() bound; 0 before
  [[nodiscard]] std::size_t connections() const;

 private:
  class core;
  std::shared_ptr<core> core_;
};

}  // namespace troupe::http
