// peer_listener: accepts connections of other nodes and of native clients on one port, checks their
// hello, and hands on what they send. Knows nothing of groups' actors; a peer_service takes it from
// here. Garbage closes the connection and changes nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "codec/hello.hpp"
#include "codec/raft_codec.hpp"
#include "codec/request_codec.hpp"

namespace troupe::actors {

/// Where the replies to one connection's requests go; safe from any thread, also when the
/// connection is gone.
class reply_sink {
 public:
  reply_sink() = default;
  reply_sink(const reply_sink&) = delete;
  reply_sink& operator=(const reply_sink&) = delete;
  virtual ~reply_sink() = default;
  virtual void reply(const codec::request_reply& r) = 0;
};

/// What a node does with what arrives. Called from I/O threads; must not block.
class peer_service {
 public:
  peer_service() = default;
  peer_service(const peer_service&) = delete;
  peer_service& operator=(const peer_service&) = delete;
  virtual ~peer_service() = default;
  /// Whether a node that introduces itself belongs here; else unknown_peer or wiped_node, and why.
  [[nodiscard]] virtual error welcome(const codec::hello& said) = 0;
  virtual void messages(std::vector<codec::group_message> arrived) = 0;
  /// What one frame brought. Each request is answered exactly once through `sink`.
  virtual void requests(std::vector<codec::request> arrived,
                        const std::shared_ptr<reply_sink>& sink) = 0;
};

struct listener_options {
  std::string host;
  std::uint16_t port = 0;
  codec::hello_reply identity;            ///< what we answer a hello with
  std::size_t connections_max = 4096;     ///< more are closed at once
  std::size_t requests_max = 16384;       ///< unanswered of one connection; more are refused
  std::uint32_t silence_max_ms = 60'000;  ///< clients ping more often than that
};

class peer_listener {
 public:
  peer_listener(boost::asio::io_context& io, listener_options options,
                std::shared_ptr<peer_service> service);
  ~peer_listener();  ///< stops accepting and closes every connection
  peer_listener(const peer_listener&) = delete;
  peer_listener& operator=(const peer_listener&) = delete;

  /// Binds and listens. Empty on success, else what failed, e.g. "Address already in use".
  [[nodiscard]] std::string start();
  /// The bound port; differs from options.port when that was 0.
  [[nodiscard]] std::uint16_t port() const;

 private:
  class acceptor;
  std::shared_ptr<acceptor> acceptor_;
};

}  // namespace troupe::actors
