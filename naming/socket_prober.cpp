#include "naming/socket_prober.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace troupe::naming {

namespace asio = boost::asio;

/// From a target whose addresses are known to its probe.
class socket_prober::route {
 public:
  route(asio::io_context& io, socket_prober_options options)
      : io_(io),
        options_(std::move(options)),
        mysql_(options_.mysql_threads, options_.mysql_jobs_max) {}

  [[nodiscard]] asio::io_context& io() { return io_; }
  [[nodiscard]] const socket_prober_options& options() const { return options_; }

  void take(const probe_target& target, const host_addresses& at, probe_done done) {
    if (at.found.empty()) {
      const auto verdict =
          at.overloaded ? probe_verdict::inconclusive : probe_verdict::soft_failure;
      return done({verdict, {}, at.why});
    }
    const auto& type = target.checker.type;
    if (type == "MYSQL") return ask_database(target, at.found.front().to_string(), std::move(done));
    probe_endpoints to;
    for (const auto& address : at.found) to.emplace_back(address, target.port);
    if (type == "HTTP") return probe_http(io_, to, target, options_.http, std::move(done));
    probe_tcp(io_, to, options_.tcp, std::move(done));
  }

 private:
  void ask_database(const probe_target& target, std::string address, probe_done done) {
    const bool taken =
        mysql_.post([target, address = std::move(address), done, limits = options_.mysql] {
          done(probe_mysql(target, address, limits));
        });
    if (!taken) done({probe_verdict::inconclusive, {}, "too many databases are being probed"});
  }

  asio::io_context& io_;
  socket_prober_options options_;
  blocking_work mysql_;
};

namespace {

/// A name that nobody resolves must not hold its probe for longer than the limit.
class awaited_lookup : public std::enable_shared_from_this<awaited_lookup> {
 public:
  awaited_lookup(asio::io_context& io, std::chrono::milliseconds limit,
                 std::function<void(const host_addresses&)> done)
      : limit_(limit), timer_(io, limit), done_(std::move(done)) {}

  void start(name_lookup& names, const std::string& host) {
    timer_.async_wait([self = shared_from_this()](auto cancelled) {
      if (cancelled) return;
      self->finish(
          {{},
           "the name was not resolved within " + std::to_string(self->limit_.count()) + " ms",
           false});
    });
    names.resolve(host, [self = shared_from_this()](const host_addresses& at) {
      asio::post(self->timer_.get_executor(), [self] { self->timer_.cancel(); });
      self->finish(at);
    });
  }

 private:
  void finish(const host_addresses& at) {
    if (!over_.exchange(true)) done_(at);
  }

  std::chrono::milliseconds limit_;
  asio::steady_timer timer_;
  std::function<void(const host_addresses&)> done_;
  std::atomic<bool> over_{false};
};

}  // namespace

socket_prober::socket_prober(asio::io_context& io, socket_prober_options options)
    : route_(std::make_shared<route>(io, std::move(options))),
      names_(std::make_unique<name_lookup>(route_->options().names)) {}

socket_prober::~socket_prober() = default;

void socket_prober::probe(const probe_target& target, std::function<void(probe_outcome)> done) {
  boost::system::error_code is_name;
  const auto address = asio::ip::make_address(target.host, is_name);
  if (!is_name) return route_->take(target, {{address}, {}, false}, std::move(done));
  const auto go_on = [to = route_, target, done = std::move(done)](const host_addresses& at) {
    to->take(target, at, done);
  };
  std::make_shared<awaited_lookup>(route_->io(), route_->options().lookup, go_on)
      ->start(*names_, target.host);
}

}  // namespace troupe::naming
