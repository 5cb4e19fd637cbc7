// session: one connection: reads requests one at a time, hands each to the router, writes the
// answer. Knows nothing of what is asked and of the port.
#pragma once

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "http/router.hpp"
#include "http/server.hpp"

namespace troupe::http {

/// Names its executor, which saves each operation the allocations of one that could be any.
using tcp_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::strand<boost::asio::io_context::executor_type>>;

class connection {
 public:
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  virtual ~connection() = default;
  virtual void close() = 0;  ///< from any thread
};

/// What the connections of a server share; outlives each of them.
class serving {
 public:
  explicit serving(server_options o) : options(std::move(o)) {}

  const server_options options;
  router routes;  ///< constant once the server has started

  [[nodiscard]] std::size_t count() const { return count_; }
  /// The connection's id, for removed().
  std::uint64_t added(const std::shared_ptr<connection>& c);
  void removed(std::uint64_t id);
  void close_all();

 private:
  std::atomic<std::size_t> count_{0};
  std::mutex mutex_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, std::weak_ptr<connection>> open_;
};

/// Takes the connection over. Lives until it is closed.
void serve(tcp_socket socket, const std::shared_ptr<serving>& shared);

}  // namespace troupe::http
