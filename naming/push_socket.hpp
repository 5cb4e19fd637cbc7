// push_socket: the one UDP socket of a node: pushes go out, acknowledgements come in. Knows nothing
// of services and of what the bytes say.
//
// From any thread; does not block. Bound: queued_max datagrams wait for the network; beyond it they
// are dropped, as the network might have, and what is not acknowledged is repeated.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::naming {

class push_socket {
 public:
  using endpoint = boost::asio::ip::udp::endpoint;

  push_socket() = default;
  push_socket(const push_socket&) = delete;
  push_socket& operator=(const push_socket&) = delete;
  virtual ~push_socket() = default;

  virtual void send(const endpoint& to, std::shared_ptr<const std::string> datagram) = 0;
};

class udp_push_socket final : public push_socket {
 public:
  using listener = std::function<void(const endpoint& from, std::string_view datagram)>;

  /// Any free port, of both families where there are both. `heard` is called on I/O threads, one
  /// call after the other; an IPv4 sender is shown as such.
  udp_push_socket(boost::asio::io_context& io, listener heard, std::size_t queued_max = 65'536);
  /// Closes; nothing is heard once the I/O thread has seen it.
  ~udp_push_socket() override;

  /// Empty when it works, else why not.
  [[nodiscard]] std::string open();
  void send(const endpoint& to, std::shared_ptr<const std::string> datagram) override;
  [[nodiscard]] std::uint16_t port() const;  ///< 0 before open()

 private:
  class inside;
  std::shared_ptr<inside> inside_;
};

}  // namespace troupe::naming
