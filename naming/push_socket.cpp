#include "naming/push_socket.hpp"

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <deque>
#include <utility>

namespace troupe::naming {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

namespace {

/// After an error of receiving, so that one that stays does not spin.
constexpr std::chrono::milliseconds receive_pause{100};

using endpoint = push_socket::endpoint;

endpoint unmapped(const endpoint& e) {
  if (!e.address().is_v6() || !e.address().to_v6().is_v4_mapped()) return e;
  return {asio::ip::make_address_v4(asio::ip::v4_mapped, e.address().to_v6()), e.port()};
}

endpoint mapped(const endpoint& e) {
  if (!e.address().is_v4()) return e;
  return {asio::ip::make_address_v6(asio::ip::v4_mapped, e.address().to_v4()), e.port()};
}

}  // namespace

// Everything but send() and port() happens on the strand.
class udp_push_socket::inside : public std::enable_shared_from_this<udp_push_socket::inside> {
 public:
  inside(asio::io_context& io, listener heard, std::size_t queued_max)
      : strand_(asio::make_strand(io)),
        socket_(strand_),
        pause_(strand_),
        heard_(std::move(heard)),
        queued_max_(queued_max) {}

  std::string open() {
    error_code failed;
    socket_.open(udp::v6(), failed);
    if (!failed) socket_.set_option(asio::ip::v6_only(false), failed);
    if (!failed) socket_.bind({udp::v6(), 0}, failed);
    is_v6_ = !failed;
    if (failed) {
      // A host without IPv6.
      error_code ignored;
      socket_.close(ignored);
      socket_.open(udp::v4(), failed);
      if (!failed) socket_.bind({udp::v4(), 0}, failed);
    }
    if (!failed) socket_.non_blocking(true, failed);
    if (failed) return failed.message();
    port_ = socket_.local_endpoint(failed).port();
    asio::post(strand_, [self = shared_from_this()] { self->receive(); });
    return {};
  }

  void send(const endpoint& to, std::shared_ptr<const std::string> datagram) {
    if (queued_.fetch_add(1) >= queued_max_) {
      --queued_;
      return;
    }
    asio::post(strand_, [self = shared_from_this(), to, datagram = std::move(datagram)]() mutable {
      self->queue_.emplace_back(to, std::move(datagram));
      if (!self->waiting_) self->send_queued();
    });
  }

  void close() {
    asio::post(strand_, [self = shared_from_this()] {
      self->closed_ = true;
      self->heard_ = nullptr;
      error_code ignored;
      self->socket_.close(ignored);
      self->pause_.cancel();
      self->queue_.clear();
    });
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void send_queued() {
    while (!queue_.empty() && !closed_) {
      const auto& [to, datagram] = queue_.front();
      error_code failed;
      socket_.send_to(asio::buffer(*datagram), is_v6_ ? mapped(to) : to, 0, failed);
      if (failed == asio::error::would_block) return wait();
      // Any other failure is of this datagram; nobody will acknowledge it.
      queue_.pop_front();
      --queued_;
    }
  }

  void wait() {
    waiting_ = true;
    socket_.async_wait(udp::socket::wait_write, [self = shared_from_this()](error_code) {
      self->waiting_ = false;
      self->send_queued();
    });
  }

  void receive() {
    if (closed_) return;
    socket_.async_receive_from(asio::buffer(buffer_), from_,
                               [self = shared_from_this()](error_code failed, std::size_t size) {
                                 if (self->closed_) return;
                                 if (failed) return self->receive_later();
                                 self->heard_(unmapped(self->from_), {self->buffer_.data(), size});
                                 self->receive();
                               });
  }

  void receive_later() {
    pause_.expires_after(receive_pause);
    pause_.async_wait([self = shared_from_this()](error_code) { self->receive(); });
  }

  asio::strand<asio::io_context::executor_type> strand_;
  udp::socket socket_;
  asio::steady_timer pause_;
  listener heard_;
  std::size_t queued_max_;
  bool is_v6_ = false;
  std::atomic<std::uint16_t> port_{0};
  std::atomic<std::size_t> queued_{0};
  std::deque<std::pair<endpoint, std::shared_ptr<const std::string>>> queue_;
  bool waiting_ = false;
  bool closed_ = false;
  endpoint from_;
  std::array<char, 2'048> buffer_{};  ///< acknowledgements are short; what is longer is cut
};

udp_push_socket::udp_push_socket(asio::io_context& io, listener heard, std::size_t queued_max)
    : inside_(std::make_shared<inside>(io, std::move(heard), queued_max)) {}

udp_push_socket::~udp_push_socket() {
  inside_->close();
}

std::string udp_push_socket::open() {
  return inside_->open();
}

void udp_push_socket::send(const endpoint& to, std::shared_ptr<const std::string> datagram) {
  inside_->send(to, std::move(datagram));
}

std::uint16_t udp_push_socket::port() const {
  return inside_->port();
}

}  // namespace troupe::naming
