#include "actors/peer_dialer.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

namespace troupe::actors {

using boost::asio::ip::tcp;
using strand = boost::asio::strand<boost::asio::io_context::executor_type>;
using strand_timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, strand>;

namespace {

bool connected_to_itself(const tcp_socket& socket) {
  boost::system::error_code failed;
  const auto here = socket.local_endpoint(failed);
  return !failed && here == socket.remote_endpoint(failed) && !failed;
}

}  // namespace

// One dialer's life on its strand: connecting -> greeting -> up -> (down) -> waiting -> connecting
// …
class peer_dialer::attempt : public std::enable_shared_from_this<peer_dialer::attempt> {
 public:
  attempt(boost::asio::io_context& io, dialer_options options, dialer_events events)
      : strand_(boost::asio::make_strand(io)),
        resolver_(strand_),
        timer_(strand_),
        options_(std::move(options)),
        events_(std::move(events)),
        backoff_(options_.backoff) {}

  void start() {
    boost::asio::post(strand_, [self = shared_from_this()] { self->dial(); });
  }

  void send(std::uint64_t connection, std::string frames) {
    boost::asio::dispatch(
        strand_, [self = shared_from_this(), connection, frames = std::move(frames)]() mutable {
          if (!self->up_ || self->number_ != connection) return;
          self->connection_->send_at_once(std::move(frames));
        });
  }

  void stop() {
    boost::asio::post(strand_, [self = shared_from_this()] {
      self->stopped_ = true;
      self->events_ = {};
      self->resolver_.cancel();
      self->timer_.cancel();
      boost::system::error_code ignored;
      if (self->socket_) self->socket_->close(ignored);
      if (self->connection_) self->connection_->close("stopped");
    });
  }

 private:
  void dial() {
    if (stopped_) return;
    socket_ = std::make_shared<tcp_socket>(strand_);
    timer_.expires_after(options_.connect_timeout);
    timer_.async_wait([self = shared_from_this(), socket = socket_](auto cancelled) {
      boost::system::error_code ignored;
      if (cancelled) return;
      self->resolver_.cancel();
      socket->close(ignored);
    });
    resolver_.async_resolve(options_.host, options_.port,
                            [self = shared_from_this(), socket = socket_](auto failed, auto found) {
                              if (failed) return self->retry_later(failed.message());
                              self->connect(socket, found);
                            });
  }

  void connect(const std::shared_ptr<tcp_socket>& socket, const tcp::resolver::results_type& to) {
    boost::asio::async_connect(*socket, to, [self = shared_from_this(), socket](auto failed, auto) {
      self->timer_.cancel();
      if (self->stopped_) return;
      if (failed) return self->retry_later(failed.message());
      if (connected_to_itself(*socket)) {
        // On loopback, to a port that nobody listens on but that the kernel may give away: keeping
        // it would take the port from the node that is to come back.
        boost::system::error_code ignored;
        socket->close(ignored);
        return self->retry_later("nobody listens");
      }
      self->greet(std::move(*socket));
    });
  }

  void greet(tcp_socket socket) {
    // Until it has answered our hello the other side may send nothing large.
    connection_ = std::make_shared<frame_connection>(
        std::move(socket),
        frame_limits{codec::hello_body_bytes_max, options_.connect_timeout * 2, std::nullopt});
    ++number_;
    connection_->start({
        [self = shared_from_this()](codec::frame_kind kind, raft::bytes body) {
          self->on_frame(kind, std::move(body));
        },
        [self = shared_from_this(), number = number_] {
          if (self->up_ && self->events_.drained) self->events_.drained(number);
        },
        [self = shared_from_this()](const std::string& why) { self->on_closed(why); },
    });
    connection_->send(codec::encode_frame(codec::frame_kind::hello, codec::encode(options_.hello)));
  }

  void on_frame(codec::frame_kind kind, raft::bytes body) {
    unanswered_ = 0;
    suspected_ = false;
    if (up_) {
      if (kind != codec::frame_kind::pong && events_.frame) events_.frame(kind, std::move(body));
      return;
    }
    if (kind != codec::frame_kind::hello_reply) return connection_->close("no hello reply");
    const auto answer = codec::decode_hello_reply(body.view());
    if (!answer) return connection_->close("bad hello reply: " + answer.error().what);
    if (answer->code != error_code::ok) {
      if (events_.refused) events_.refused(*answer);
      return connection_->close("refused: " + answer->message);
    }
    if (events_.accept && !events_.accept(*answer)) return connection_->close("not the node meant");
    up_ = true;
    backoff_.reset();
    connection_->set_limits({codec::frame_body_bytes_max, options_.silence_max, std::nullopt});
    unanswered_ = 0;
    ping_later();
    if (options_.line) options_.line->open(connection_);
    if (events_.up) events_.up(number_, *answer);
  }

  void on_closed(const std::string& why) {
    const bool was_up = std::exchange(up_, false);
    if (options_.line) options_.line->close(connection_);
    connection_.reset();
    timer_.cancel();
    if (stopped_) return;
    if (was_up && events_.down) events_.down(number_, why);
    retry_later(why);
  }

  void retry_later(const std::string& why) {
    if (stopped_) return;
    if (events_.failed) events_.failed(why);
    timer_.expires_after(backoff_.next());
    timer_.async_wait([self = shared_from_this()](auto cancelled) {
      if (!cancelled) self->dial();
    });
  }

  void ping_later() {
    timer_.expires_after(options_.ping_interval);
    timer_.async_wait([self = shared_from_this()](auto cancelled) {
      if (cancelled || !self->up_) return;
      self->suspect_if_silent();
      self->connection_->send(codec::encode_frame(codec::frame_kind::ping, {}));
      ++self->unanswered_;
      self->ping_later();
    });
  }

  /// Counts what was asked, not the time: when this process stood still itself, all that the others
  /// said meanwhile has yet to be read.
  void suspect_if_silent() {
    const auto limit = options_.suspect_after / options_.ping_interval;
    if (limit == 0 || unanswered_ < limit || std::exchange(suspected_, true)) return;
    if (events_.silent) events_.silent();
  }

  strand strand_;
  boost::asio::ip::basic_resolver<tcp, strand> resolver_;
  strand_timer timer_;  ///< of the phase: connect limit, backoff, or next ping
  dialer_options options_;
  dialer_events events_;
  backoff backoff_;
  std::shared_ptr<tcp_socket> socket_;
  std::shared_ptr<frame_connection> connection_;
  std::uint64_t number_ = 0;
  std::chrono::milliseconds::rep unanswered_ = 0;  ///< pings since anything was heard
  bool suspected_ = false;
  bool up_ = false;
  bool stopped_ = false;
};

peer_dialer::peer_dialer(boost::asio::io_context& io, dialer_options options, dialer_events events)
    : attempt_(std::make_shared<attempt>(io, std::move(options), std::move(events))) {
  attempt_->start();
}

peer_dialer::~peer_dialer() {
  attempt_->stop();
}

void peer_dialer::send(std::uint64_t connection, std::string frames) {
  attempt_->send(connection, std::move(frames));
}

}  // namespace troupe::actors
