#include "actors/peer_listener.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <set>

#include "actors/frame_batch.hpp"
#include "actors/frame_connection.hpp"

namespace troupe::actors {

using boost::asio::ip::tcp;

namespace {

class session;

/// Code ok, or why this connection of a member is refused.
using admission = std::function<error(const codec::hello&, const std::shared_ptr<session>&)>;

// One accepted connection: first a hello, then messages or requests until it closes.
class session : public reply_sink, public std::enable_shared_from_this<session> {
 public:
  session(tcp_socket socket, const listener_options& options, std::shared_ptr<peer_service> service,
          admission admit)
      : connection_(std::make_shared<frame_connection>(
            std::move(socket), frame_limits{codec::hello_body_bytes_max, hello_timeout,
                                            std::chrono::steady_clock::now() + hello_timeout})),
        options_(options),
        service_(std::move(service)),
        admit_(std::move(admit)) {}

  void start(std::function<void()> gone) {
    connection_->start({
        [self = shared_from_this()](codec::frame_kind kind, raft::bytes body) {
          self->on_frame(kind, std::move(body));
        },
        [self = shared_from_this()] { self->on_drained(); },
        [self = shared_from_this(), gone = std::move(gone)](const std::string& why) {
          spdlog::debug("connection of {} closed: {}", self->connection_->remote(), why);
          gone();
        },
    });
  }

  void close(const std::string& why) { connection_->close(why); }

  void reply(const codec::request_reply& r) override {
    auto early = r.data.size() > codec::payload_bytes_max ? collect(too_large(r)) : collect(r);
    if (!early.empty()) connection_->send_at_once(std::move(early));
  }

 private:
  /// Frames that are to be sent now, if any.
  std::string collect(const codec::request_reply& r) {
    std::lock_guard lock(replying_);
    --unanswered_;
    if (replies_.bytes() > replies_bytes_max) {
      connection_->close("does not read the replies that it asked for");
      return {};
    }
    codec::append_reply(r, replies_.open());
    if (!std::exchange(is_due_, true)) connection_->send_soon();
    if (is_sending_ || replies_.bytes() < early_bytes) return {};
    is_sending_ = true;
    return replies_.take_frames();
  }

  static codec::request_reply too_large(const codec::request_reply& r) {
    codec::request_reply refused;
    refused.id = r.id;
    refused.code = error_code::too_large;
    refused.message = "the answer has " + std::to_string(r.data.size()) + " bytes, at most " +
                      std::to_string(codec::payload_bytes_max) + " are sent";
    return refused;
  }

  static constexpr std::chrono::milliseconds hello_timeout{5000};
  static constexpr std::size_t replies_bytes_max = 32U << 20U;
  /// So much leaves before the rest is there: whoever asked then works beside us, not after us.
  static constexpr std::size_t early_bytes = 16U << 10U;

  void on_drained() {
    std::unique_lock lock(replying_);
    auto frames = replies_.take_frames();
    is_due_ = is_sending_ = !frames.empty();
    lock.unlock();
    if (!frames.empty()) connection_->send_at_once(std::move(frames));
  }

  void on_frame(codec::frame_kind kind, const raft::bytes& body) {
    if (!greeted_) return on_hello(kind, body);
    switch (kind) {
      case codec::frame_kind::raft_messages:
        return on_messages(body);
      case codec::frame_kind::requests:
        return on_requests(body);
      case codec::frame_kind::ping:
        return connection_->send(codec::encode_frame(codec::frame_kind::pong, {}));
      default:
        return connection_->close("unexpected frame");
    }
  }

  void on_hello(codec::frame_kind kind, const raft::bytes& body) {
    if (kind != codec::frame_kind::hello) return connection_->close("no hello");
    const auto said = codec::decode_hello(body.view());
    if (!said) return connection_->close("bad hello: " + said.error().what);
    auto answer = options_.identity;
    const auto objection = objection_to(*said);
    answer.code = objection.code;
    answer.message = objection.message;
    connection_->send(codec::encode_frame(codec::frame_kind::hello_reply, codec::encode(answer)));
    if (answer.code != error_code::ok) {
      spdlog::warn("refused {}: {}", connection_->remote(), answer.message);
      return connection_->close(answer.message);
    }
    greeted_ = true;
    peer_ = said->node;
    connection_->set_limits({codec::frame_body_bytes_max,
                             std::chrono::milliseconds(options_.silence_max_ms), std::nullopt});
  }

  [[nodiscard]] error objection_to(const codec::hello& said) {
    const auto text = mismatch_of(said);
    if (!text.empty()) return {error_code::invalid_argument, text, {}};
    if (said.node.is_none()) return {};
    return admit_(said, shared_from_this());
  }

  [[nodiscard]] std::string mismatch_of(const codec::hello& said) const {
    const auto& us = options_.identity;
    if (said.protocol != codec::protocol_version) {
      return "protocol " + std::to_string(said.protocol) + " is not spoken here, only " +
             std::to_string(codec::protocol_version);
    }
    const bool is_node = !said.node.is_none();
    if ((is_node || !said.cluster.empty()) && said.cluster != us.cluster) {
      return "this is cluster '" + us.cluster + "', not '" + said.cluster + "'";
    }
    if (!said.target.is_none() && said.target != us.node) {
      return "this is node " + to_string(us.node) + ", not " + to_string(said.target);
    }
    return {};
  }

  void on_messages(const raft::bytes& body) {
    if (peer_.is_none()) return connection_->close("a client sent messages of members");
    auto arrived = codec::decode_messages(body);
    if (!arrived) return connection_->close("bad messages: " + arrived.error().what);
    for (const auto& m : *arrived) {
      if (m.message.from != peer_ || m.message.to != options_.identity.node) {
        return connection_->close("a message is not from the node that said hello, to this one");
      }
    }
    service_->messages(std::move(*arrived));
  }

  void on_requests(const raft::bytes& body) {
    auto arrived = codec::decode_requests(body);
    if (!arrived) return connection_->close("bad requests: " + arrived.error().what);
    const auto from_client = [this](const codec::request& r) {
      return r.kind == codec::request_kind::snapshot && peer_.is_none();
    };
    if (std::any_of(arrived->begin(), arrived->end(), from_client)) {
      return connection_->close("a client sent a part of a snapshot");
    }
    const auto taken = room_for(arrived->size());
    std::vector<codec::request> refused(
        std::make_move_iterator(arrived->begin() + static_cast<long>(taken)),
        std::make_move_iterator(arrived->end()));
    arrived->resize(taken);
    service_->requests(std::move(*arrived), shared_from_this());
    for (const auto& r : refused) {
      codec::request_reply busy;
      busy.id = r.id;
      busy.code = error_code::overloaded;
      busy.message = "more than " + std::to_string(options_.requests_max) +
                     " unanswered requests on one connection";
      reply(busy);
    }
  }

  /// All of them are to be answered from now on; as many as this may wait for it.
  std::size_t room_for(std::size_t arrived) {
    std::lock_guard lock(replying_);
    const auto room = options_.requests_max - std::min(unanswered_, options_.requests_max);
    unanswered_ += arrived;
    return std::min(room, arrived);
  }

  std::shared_ptr<frame_connection> connection_;
  const listener_options& options_;
  std::shared_ptr<peer_service> service_;
  admission admit_;
  bool greeted_ = false;
  raft::node_id peer_;

  std::mutex replying_;
  frame_batch replies_{codec::frame_kind::replies};
  bool is_due_ = false;      ///< `drained` will be called
  bool is_sending_ = false;  ///< frames are with the connection
  std::size_t unanswered_ = 0;
};

}  // namespace

class peer_listener::acceptor : public std::enable_shared_from_this<acceptor> {
 public:
  acceptor(boost::asio::io_context& io, listener_options options,
           std::shared_ptr<peer_service> service)
      : io_(io), acceptor_(io), options_(std::move(options)), service_(std::move(service)) {}

  std::string start() {
    boost::system::error_code failed;
    tcp::resolver names(io_);
    const auto found = names.resolve(options_.host, std::to_string(options_.port), failed);
    if (failed || found.empty()) return "'" + options_.host + "' cannot be resolved";
    const tcp::endpoint at = *found.begin();
    acceptor_.open(at.protocol(), failed);
    if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor_.bind(at, failed);
    if (!failed) acceptor_.listen(boost::asio::socket_base::max_listen_connections, failed);
    if (failed) return failed.message();
    accept_next();
    return {};
  }

  [[nodiscard]] std::uint16_t port() const {
    boost::system::error_code ignored;
    return acceptor_.local_endpoint(ignored).port();
  }

  void stop() {
    std::set<std::shared_ptr<session>> open;
    {
      std::lock_guard lock(guard_);
      stopped_ = true;
      open.swap(sessions_);
      boost::system::error_code ignored;
      acceptor_.close(ignored);
    }
    for (const auto& s : open) s->close("the node is stopping");
  }

 private:
  void accept_next() {
    std::lock_guard lock(guard_);
    if (stopped_) return;
    auto socket = std::make_shared<tcp_socket>(boost::asio::make_strand(io_));
    acceptor_.async_accept(*socket, [self = shared_from_this(), socket](auto failed) {
      self->on_accept(failed, std::move(*socket));
    });
  }

  void on_accept(boost::system::error_code failed, tcp_socket socket) {
    if (failed == boost::asio::error::operation_aborted) return;
    if (failed) {
      // Out of descriptors, most likely: spinning on it would not bring them back.
      spdlog::warn("accepting a connection failed: {}", failed.message());
      retry_.expires_after(std::chrono::milliseconds(100));
      return retry_.async_wait([self = shared_from_this()](auto) { self->accept_next(); });
    }
    welcome(std::move(socket));
    accept_next();
  }

  void welcome(tcp_socket socket) {
    auto fresh =
        std::make_shared<session>(std::move(socket), options_, service_,
                                  [self = shared_from_this()](const auto& said, const auto& from) {
                                    return self->admit(said, from);
                                  });
    {
      std::lock_guard lock(guard_);
      if (stopped_ || sessions_.size() >= options_.connections_max) return;
      sessions_.insert(fresh);
    }
    std::weak_ptr<session> who = fresh;
    fresh->start([self = shared_from_this(), who] {
      std::lock_guard lock(self->guard_);
      if (const auto gone = who.lock()) self->sessions_.erase(gone);
    });
  }

  /// A node that started again replaces its older connection; what is left of an earlier start of
  /// it is refused.
  error admit(const codec::hello& said, const std::shared_ptr<session>& from) {
    if (auto refused = service_->welcome(said); refused.code != error_code::ok) return refused;
    std::shared_ptr<session> replaced;
    {
      std::lock_guard lock(guard_);
      auto& last = last_starts_[said.node];
      if (said.incarnation < last.incarnation) {
        return {error_code::invalid_argument,
                "node " + to_string(said.node) + " has started again since",
                {}};
      }
      if (said.incarnation > last.incarnation) replaced = last.connection.lock();
      last = {said.incarnation, from};
    }
    if (replaced) replaced->close("the node has started again");
    return {};
  }

  struct last_start {
    std::uint64_t incarnation = 0;
    std::weak_ptr<session> connection;
  };

  boost::asio::io_context& io_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_{io_};
  const listener_options options_;
  std::shared_ptr<peer_service> service_;
  std::mutex guard_;
  std::set<std::shared_ptr<session>> sessions_;
  std::map<raft::node_id, last_start> last_starts_;  ///< of members only
  bool stopped_ = false;
};

peer_listener::peer_listener(boost::asio::io_context& io, listener_options options,
                             std::shared_ptr<peer_service> service)
    : acceptor_(std::make_shared<acceptor>(io, std::move(options), std::move(service))) {}

peer_listener::~peer_listener() {
  acceptor_->stop();
}

std::string peer_listener::start() {
  return acceptor_->start();
}

std::uint16_t peer_listener::port() const {
  return acceptor_->port();
}

}  // namespace troupe::actors
