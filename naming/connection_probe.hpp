// connection_probe: what probes over a TCP connection have in common: connecting within a limit to
// the first address that takes it, and one end. Knows nothing of what is said on the connection.
#pragma once

#include <boost/asio/strand.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <string>

#include "naming/probe_sockets.hpp"

namespace troupe::naming {

/// On a strand of its own; lives as long as an operation of it is under way.
class connection_probe : public std::enable_shared_from_this<connection_probe> {
 public:
  connection_probe(boost::asio::io_context& io, const probe_limits& limits, probe_done done);
  connection_probe(const connection_probe&) = delete;
  connection_probe& operator=(const connection_probe&) = delete;
  virtual ~connection_probe() = default;

  /// Called once.
  void start(probe_endpoints to);

 protected:
  using error_code = boost::system::error_code;

  /// The connection stands.
  virtual void connected() = 0;
  /// Closes, and tells. The last that happens.
  void finish(probe_outcome out);
  [[nodiscard]] boost::beast::tcp_stream& stream() { return stream_; }
  [[nodiscard]] const probe_limits& limits() const { return limits_; }
  /// "no answer within 500 ms"
  static std::string none_within(const char* what, std::chrono::milliseconds limit);

 private:
  void try_next(const error_code& failed);
  void attempted(const error_code& failed);

  boost::beast::tcp_stream stream_;
  probe_limits limits_;
  probe_done done_;
  probe_endpoints to_;
  std::size_t next_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace troupe::naming
