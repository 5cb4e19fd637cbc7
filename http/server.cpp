#include "http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <utility>

#include "http/guard.hpp"
#include "http/routes.hpp"
#include "http/server_status.hpp"
#include "http/session.hpp"
#include "http/system_clock.hpp"

namespace troupe::http {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

/// Out of file descriptors, for instance: accepting again at once would only spin.
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

class server::core : public std::enable_shared_from_this<server::core> {
 public:
  core(asio::io_context& io, server_options options, const view_ptr& view,
       const server_parts& parts)
      : io_(io),
        acceptor_(asio::make_strand(io)),
        pause_(acceptor_.get_executor()),
        shared_(std::make_shared<serving>(std::move(options))),
        access_(parts.access) {
    const auto now_ms = shared_->options.now_ms ? shared_->options.now_ms : system_now_ms;
    const auto door = std::make_shared<const guard>(access_.who, now_ms);
    shared_->routes.set_gate(
        [door, naming = parts.naming](const exchange_ptr& call, std::function<void()> pass) {
          const bool is_loaded = naming.catalogue->is_loaded();
          if (auto closed = closed_by(*naming.switches->now(), is_loaded, call->request())) {
            return call->respond(std::move(*closed));
          }
          door->admit(call, std::move(pass));
        });
    add_account_routes(shared_->routes, view, access_);
    add_key_value_routes(shared_->routes, view);
    add_admin_routes(shared_->routes, view);
    add_health_routes(shared_->routes, view, parts.naming.catalogue);
    add_console_routes(shared_->routes, parts.naming.catalogue);
    add_naming_instance_routes(shared_->routes, view, parts.naming, shared_->options);
    add_naming_beat_routes(shared_->routes, view, parts.naming, shared_->options);
    add_naming_overlay_routes(shared_->routes, view, parts.naming, shared_->options);
    add_naming_service_routes(shared_->routes, view, parts.naming, shared_->options);
    add_naming_cluster_routes(shared_->routes, view, parts.naming, shared_->options);
    add_naming_catalog_routes(shared_->routes, parts.naming);
    add_naming_client_routes(shared_->routes, parts.naming, shared_->options);
    add_naming_operator_routes(shared_->routes, view, parts.naming, shared_->options);
    add_naming_server_routes(shared_->routes, view, parts.naming, parts.cluster);
    add_cluster_routes(shared_->routes, view, parts.cluster);
    add_raft_operation_routes(shared_->routes, view, io, parts.cluster, access_);
    add_namespace_routes(shared_->routes, view, access_, parts.configs);
    add_server_state_routes(shared_->routes, view, access_, parts.naming, parts.configs,
                            shared_->options);
    add_metrics_routes(shared_->routes, view,
                       {parts.naming, parts.configs, [serving = std::weak_ptr(shared_)] {
                          const auto s = serving.lock();
                          return s ? s->count() : 0;
                        }});
    add_config_routes(shared_->routes, view, shared_->options, io, parts.configs);
  }

  raft::expected<void, error> start() {
    error_code failure;
    const auto where = resolve(failure);
    if (failure) {
      return refusal("cannot be resolved (" + failure.message() +
                     "); give an IP address of this host and a port, such as 127.0.0.1:8848");
    }
    acceptor_.open(where.protocol(), failure);
    // A listener that was just stopped must not block the port for minutes.
    if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor_.bind(where, failure);
    if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
    if (failure == asio::error::address_in_use) {
      return refusal("the port is in use by another process; stop it or choose another port");
    }
    if (failure == asio::error::access_denied) {
      return refusal("this user may not open the port; choose one above 1023");
    }
    if (failure) {
      return refusal("cannot be listened on (" + failure.message() +
                     "); choose an address that this host has");
    }
    port_ = acceptor_.local_endpoint(failure).port();
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->accept(); });
    return {};
  }

  void stop() {
    access_.who->stop();
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
      self->stopped_ = true;
      error_code ignored;
      self->acceptor_.close(ignored);
      self->pause_.cancel(ignored);
      self->shared_->close_all();
    });
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::size_t connections() const { return shared_->count(); }

 private:
  tcp::endpoint resolve(error_code& failure) {
    const auto& o = shared_->options;
    const auto address = asio::ip::make_address(o.address, failure);
    if (!failure) return {address, o.port};
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(o.address, std::to_string(o.port), failure);
    return failure ? tcp::endpoint() : found.begin()->endpoint();
  }

  raft::unexpected<error> refusal(const std::string& why) const {
    const auto& o = shared_->options;
    const bool is_v6 = o.address.find(':') != std::string::npos;
    const auto address = is_v6 ? '[' + o.address + ']' : o.address;
    return raft::unexpected(
        error{troupe::error_code::invalid_argument,
              o.setting + ' ' + address + ':' + std::to_string(o.port) + ": " + why,
              {}});
  }

  void accept() {
    if (stopped_) return;
    const auto socket = std::make_shared<tcp_socket>(asio::make_strand(io_.get_executor()));
    acceptor_.async_accept(*socket, [self = shared_from_this(), socket](error_code failure) {
      self->accepted(failure, std::move(*socket));
    });
  }

  void accepted(error_code failure, tcp_socket socket) {
    if (stopped_) return;
    if (failure) {
      pause_.expires_after(accept_pause);
      pause_.async_wait([self = shared_from_this()](error_code) { self->accept(); });
      return;
    }
    // Beyond the limit the socket is closed by going out of scope.
    if (shared_->count() < shared_->options.connections_max) serve(std::move(socket), shared_);
    accept();
  }

  asio::io_context& io_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::shared_ptr<serving> shared_;
  access_services access_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;  ///< on the acceptor's strand
};

server::server(asio::io_context& io, server_options options, std::shared_ptr<cluster_view> view,
               const server_parts& parts)
    : core_(std::make_shared<core>(io, std::move(options), view, parts)) {}

server::~server() {
  stop();
}

raft::expected<void, error> server::start() {
  return core_->start();
}

void server::stop() {
  core_->stop();
}

std::uint16_t server::port() const {
  return core_->port();
}

std::size_t server::connections() const {
  return core_->connections();
}

}  // namespace troupe::http
