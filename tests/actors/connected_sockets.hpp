// connected_sockets: the two ends of a TCP connection over loopback, one for a frame_connection,
// one that the test reads without waiting.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "actors/frame_connection.hpp"
#include "codec/frame.hpp"

namespace troupe::testing {

class connected_sockets {
 public:
  explicit connected_sockets(boost::asio::io_context& io) : near_(boost::asio::make_strand(io)) {
    boost::asio::ip::tcp::acceptor acceptor(far_io_, {boost::asio::ip::address_v4::loopback(), 0});
    near_.connect(acceptor.local_endpoint());
    far_ = acceptor.accept();
    far_.non_blocking(true);
  }

  /// Once.
  std::shared_ptr<actors::frame_connection> connection() {
    return std::make_shared<actors::frame_connection>(
        std::move(near_),
        actors::frame_limits{codec::frame_body_bytes_max, std::chrono::hours{1}, std::nullopt});
  }

  /// What there is, or nothing.
  std::string read_some() {
    std::string piece(64U << 10U, '\0');
    boost::system::error_code failed;
    piece.resize(far_.read_some(boost::asio::buffer(piece), failed));
    return piece;
  }

  /// Reads so many bytes at the other end; `meanwhile` is called now and then.
  template <class Work>
  std::string read(std::size_t bytes, Work&& meanwhile) {
    std::string all;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (all.size() < bytes && std::chrono::steady_clock::now() < end) {
      all += read_some();
      meanwhile();
    }
    return all;
  }
  /// The same of what is with the kernel already.
  std::string read(std::size_t bytes) {
    return read(bytes, [] {});
  }

 private:
  boost::asio::io_context far_io_;
  actors::tcp_socket near_;
  boost::asio::ip::tcp::socket far_{far_io_};
};

}  // namespace troupe::testing
