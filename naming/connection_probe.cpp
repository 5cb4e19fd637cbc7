#include "naming/connection_probe.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/error.hpp>
#include <cerrno>
#include <utility>

namespace troupe::naming {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

/// This node has no descriptor, port or memory left: that says nothing of the server.
bool is_local_trouble(const boost::system::error_code& failed) {
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

/// On loopback, when the kernel gives us the very port that nobody listens at.
bool is_connected_to_itself(const asio::ip::tcp::socket& socket) {
  boost::system::error_code failed;
  const auto here = socket.local_endpoint(failed);
  return !failed && here == socket.remote_endpoint(failed) && !failed;
}

}  // namespace

connection_probe::connection_probe(asio::io_context& io, const probe_limits& limits,
                                   probe_done done)
    : stream_(asio::make_strand(io)), limits_(limits), done_(std::move(done)) {}

void connection_probe::start(probe_endpoints to) {
  to_ = std::move(to);
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    self->stream_.expires_after(self->limits_.connect);
    self->try_next(asio::error::host_not_found);
  });
}

/// Not the library's walk over endpoints: that hides why no socket could be opened.
void connection_probe::try_next(const error_code& failed) {
  if (next_ == to_.size()) {
    return finish(outcome_of(failed, none_within("connection", limits_.connect)));
  }
  const auto& to = to_[next_++];
  error_code unopened;
  stream_.socket().close(unopened);
  stream_.socket().open(to.protocol(), unopened);
  if (unopened) return try_next(unopened);
  stream_.async_connect(to,
                        [self = shared_from_this()](const error_code& f) { self->attempted(f); });
}

void connection_probe::attempted(const error_code& failed) {
  // The time is that of all attempts.
  if (failed == beast::error::timeout) next_ = to_.size();
  if (failed) return try_next(failed);
  if (is_connected_to_itself(stream_.socket())) return try_next(asio::error::connection_refused);
  connected();
}

void connection_probe::finish(probe_outcome out) {
  out.took = std::chrono::steady_clock::now() - began_;
  stream_.close();
  done_(std::move(out));
}

std::string connection_probe::none_within(const char* what, std::chrono::milliseconds limit) {
  return std::string("no ") + what + " within " + std::to_string(limit.count()) + " ms";
}

probe_outcome outcome_of(const boost::system::error_code& failed, const std::string& on_timeout) {
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

}  // namespace troupe::naming
