// peer_dialer: keeps one outgoing connection to a node alive: resolves, connects within a limit,
// says hello, pings when idle, and dials again with backoff when the connection is gone. Knows
// nothing of actors, nor of what the frames carry.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "actors/backoff.hpp"
#include "actors/direct_line.hpp"
#include "actors/frame_connection.hpp"
#include "codec/hello.hpp"

namespace troupe::actors {

struct dialer_options {
  std::string host;
  std::string port;
  codec::hello hello;
  std::chrono::milliseconds connect_timeout{1000};
  backoff_limits backoff;
  std::chrono::milliseconds ping_interval{1000};
  /// The other side is reported as silent when the pings of so long found no answer, and the
  /// connection closed after silence_max. Shorter than a ping's interval: it is not reported.
  std::chrono::milliseconds suspect_after{0};
  std::chrono::milliseconds silence_max{4000};
  std::shared_ptr<direct_line> line;  ///< when given: open while the connection is up
};

/// Calls come from I/O threads, one after the other. `connection` counts up with each connection.
struct dialer_events {
  std::function<void(std::uint64_t connection, const codec::hello_reply& peer)> up;
  /// The other side accepted us; false: it is not who we want, and the connection is closed.
  std::function<bool(const codec::hello_reply& peer)> accept;
  /// The other side refused us.
  std::function<void(const codec::hello_reply& peer)> refused;
  std::function<void(std::uint64_t connection, const std::string& why)> down;
  std::function<void(std::uint64_t connection)> drained;
  /// Nothing was heard for `suspect_after`; once until something is.
  std::function<void()> silent;
  std::function<void(codec::frame_kind, raft::bytes)> frame;
  /// Connecting failed or the other side refused us; called for each attempt.
  std::function<void(const std::string& why)> failed;
};

/// The socket side of a link; tests put one without sockets in the dialer's place.
class link_socket {
 public:
  link_socket() = default;
  link_socket(const link_socket&) = delete;
  link_socket& operator=(const link_socket&) = delete;
  virtual ~link_socket() = default;

  /// From any thread. Dropped unless `connection` is the one that is up.
  virtual void send(std::uint64_t connection, std::string frames) = 0;
};

class peer_dialer final : public link_socket {
 public:
  peer_dialer(boost::asio::io_context& io, dialer_options options, dialer_events events);
  /// Closes and forgets; no event follows once it returned control to the I/O thread.
  ~peer_dialer() override;

  void send(std::uint64_t connection, std::string frames) override;

 private:
  class attempt;
  std::shared_ptr<attempt> attempt_;
};

}  // namespace troupe::actors
