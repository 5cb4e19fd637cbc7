#include <boost/asio/strand.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <cerrno>
#include <memory>
#include <utility>

#include "naming/probe_sockets.hpp"

namespace troupe::naming {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

namespace {

/// This node has no descriptor, port or memory left: that says nothing of the server.
bool is_local_trouble(const error_code& failed) {
  if (failed.category() != boost::system::system_category()) return false;
  switch (failed.value()) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:
      return true;
    default:
      return false;
  }
}

/// On loopback, when the kernel gives us the very port that nobody listens on.
bool is_connected_to_itself(const asio::ip::tcp::socket& socket) {
  error_code failed;
  const auto here = socket.local_endpoint(failed);
  return !failed && here == socket.remote_endpoint(failed) && !failed;
}

class tcp_probe : public std::enable_shared_from_this<tcp_probe> {
 public:
  tcp_probe(asio::io_context& io, probe_limits limits, probe_done done)
      : stream_(asio::make_strand(io)), limits_(limits), done_(std::move(done)) {}

  void start(const probe_endpoints& to) {
    stream_.expires_after(limits_.connect);
    stream_.async_connect(to, [self = shared_from_this()](const error_code& failed, const auto&) {
      self->finish(failed);
    });
  }

 private:
  void finish(const error_code& failed) {
    auto out = outcome_of(
        failed, "no connection within " + std::to_string(limits_.connect.count()) + " ms");
    if (!failed && is_connected_to_itself(stream_.socket())) {
      out = outcome_of(asio::error::connection_refused, {});
    }
    out.took = std::chrono::steady_clock::now() - began_;
    stream_.close();
    done_(std::move(out));
  }

  beast::tcp_stream stream_;
  probe_limits limits_;
  probe_done done_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

probe_outcome outcome_of(const error_code& failed, const std::string& on_timeout) {
  if (!failed) return {probe_verdict::success, probe_time{0}, {}};
  if (failed == asio::error::connection_refused) {
    return {probe_verdict::hard_failure, probe_time{0}, "connection refused"};
  }
  if (failed == beast::error::timeout || failed == asio::error::timed_out) {
    return {probe_verdict::soft_failure, probe_time{0}, on_timeout};
  }
  const auto verdict =
      is_local_trouble(failed) ? probe_verdict::inconclusive : probe_verdict::soft_failure;
  return {verdict, probe_time{0}, failed.message()};
}

void probe_tcp(asio::io_context& io, const probe_endpoints& to, const probe_limits& limits,
               probe_done done) {
  std::make_shared<tcp_probe>(io, limits, std::move(done))->start(to);
}

}  // namespace troupe::naming
