#include "bench/http_load.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "bench/arrivals.hpp"
#include "bench/load_recorder.hpp"
#include "bench/load_watch.hpp"
#include "bench/operation.hpp"

namespace troupe::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds pause_after_failure{100};
/// Between looks at what is due: a timer for each request would cost more than the request.
constexpr std::chrono::microseconds between_looks{100};

tcp::resolver::results_type resolve(asio::io_context& io, const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  error_code failed;
  tcp::resolver resolver(io);
  auto found = resolver.resolve(endpoint.substr(0, colon), endpoint.substr(colon + 1), failed);
  return failed ? tcp::resolver::results_type{} : found;
}

/// Gives callers that have nothing under way their next request: at once in a closed loop, when one
/// is due in an open one.
class turns {
 public:
  using request = std::function<void(clock::time_point began)>;

  turns(asio::io_context& io, const load_options& options, load_recorder& recorder,
        clock::time_point begin)
      : recorder_(recorder), look_(io) {
    if (options.rate > 0) arrivals_.emplace(options.rate, begin);
  }

  void wait(request next) {
    if (recorder_.is_over()) return;
    if (!arrivals_) return next(clock::now());
    waiting_.push_back(std::move(next));
    if (!is_looking_) look();
  }

  [[nodiscard]] std::uint64_t unsent() const {
    return arrivals_ ? arrivals_->untaken(recorder_.from(), recorder_.until()) : 0;
  }

 private:
  /// Goes on by itself while somebody waits.
  void look() {
    const auto now = clock::now();
    if (recorder_.is_over()) waiting_.clear();
    while (!waiting_.empty() && arrivals_->is_due(now)) {
      const auto due = arrivals_->take();
      recorder_.began(due, now);
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      next(due);
    }
    is_looking_ = !waiting_.empty();
    if (!is_looking_) return;
    look_.expires_at(std::max(arrivals_->next(), now + between_looks));
    look_.async_wait([this](error_code) { look(); });
  }

  load_recorder& recorder_;
  asio::steady_timer look_;
  std::optional<arrivals> arrivals_;
  std::deque<request> waiting_;
  bool is_looking_ = false;
};

struct shared_load {
  shared_load(asio::io_context& io, const load_options& o, clock::time_point begin)
      : options(o),
        value(sample_value(o.value_bytes)),
        recorder(o, begin),
        turn(io, o, recorder, begin) {}

  const load_options& options;
  const std::string value;
  load_recorder recorder;
  turns turn;
};

/// One caller with its connection; lives as long as an operation of it is under way.
class caller : public std::enable_shared_from_this<caller> {
 public:
  caller(asio::io_context& io, shared_load& load, std::string endpoint, std::uint64_t seed)
      : stream_(io),
        pause_(io),
        load_(load),
        endpoint_(std::move(endpoint)),
        at_(resolve(io, endpoint_)),
        source_(load.options, seed) {}

  void connect() {
    if (load_.recorder.is_over()) return;
    stream_.expires_after(load_.options.request_timeout);
    stream_.async_connect(at_, [self = shared_from_this()](error_code ec, const auto&) {
      if (ec) return self->start_again("connect: " + ec.message());
      self->stream_.socket().set_option(tcp::no_delay(true), ec);
      self->await_turn();
    });
  }

 private:
  void await_turn() {
    load_.turn.wait([self = shared_from_this()](auto began) { self->request_next(began); });
  }

  void request_next(clock::time_point began) {
    began_ = began;
    const auto next = source_.next();
    const bool local = next.is_read && load_.options.local_reads;
    request_.method(next.is_read ? http::verb::get : http::verb::put);
    request_.target("/kv/v1/" + next.key + (local ? "?consistency=local" : ""));
    request_.set(http::field::host, endpoint_);
    request_.body() = next.is_read ? std::string() : load_.value;
    request_.prepare_payload();
    stream_.expires_after(load_.options.request_timeout);
    http::async_write(stream_, request_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec) return self->start_again("write: " + ec.message());
      self->read_answer();
    });
  }

  void read_answer() {
    response_ = {};
    http::async_read(stream_, buffer_, response_,
                     [self = shared_from_this()](error_code ec, std::size_t) {
                       if (ec) return self->start_again("read: " + ec.message());
                       self->answered();
                     });
  }

  void answered() {
    const bool is_read = request_.method() == http::verb::get;
    const bool is_absent = is_read && response_.result() == http::status::not_found;
    if (response_.result() == http::status::ok || is_absent) {
      load_.recorder.succeeded(is_read, began_, clock::now());
    } else {
      load_.recorder.failed("http " + std::to_string(response_.result_int()), clock::now());
    }
    if (!response_.keep_alive()) return start_again("closed by the server");
    await_turn();
  }

  void start_again(const std::string& why) {
    load_.recorder.failed(why, clock::now());
    stream_.close();
    buffer_.clear();
    pause_.expires_after(pause_after_failure);
    pause_.async_wait([self = shared_from_this()](error_code) { self->connect(); });
  }

  boost::beast::tcp_stream stream_;
  asio::steady_timer pause_;
  shared_load& load_;
  const std::string endpoint_;
  const tcp::resolver::results_type at_;
  operation_source source_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  boost::beast::flat_buffer buffer_;
  clock::time_point began_;
};

/// The role that the node at `endpoint` has in the group; empty when it does not say.
std::string role_at(const std::string& endpoint, const std::string& group) {
  asio::io_context io;
  error_code failed;
  tcp::socket socket(io);
  asio::connect(socket, resolve(io, endpoint), failed);
  http::request<http::empty_body> ask(http::verb::get, "/admin/v1/groups/" + group, 11);
  ask.set(http::field::host, endpoint);
  http::response<http::string_body> answer;
  boost::beast::flat_buffer buffer;
  if (!failed) http::write(socket, ask, failed);
  if (!failed) http::read(socket, buffer, answer, failed);
  if (failed) return {};
  const auto said = nlohmann::json::parse(answer.body(), nullptr, false);
  return said.is_object() ? said.value("role", "") : "";
}

std::vector<std::string> targets(const load_options& options) {
  if (!options.leader_only) return options.endpoints;
  std::vector<std::string> leading;
  for (const auto& endpoint : options.endpoints) {
    if (role_at(endpoint, options.group) == "leader") leading.push_back(endpoint);
  }
  return leading;
}

}  // namespace

raft::expected<load_result, std::string> load_http(const load_options& options) {
  const auto endpoints = targets(options);
  if (endpoints.empty()) {
    return raft::unexpected("no endpoint says that it leads group '" + options.group + "'");
  }
  asio::io_context io(1);
  const auto begin = clock::now();
  shared_load load(io, options, begin);
  {
    load_watch watch(options, load.recorder);
    for (std::size_t i = 0; i < options.clients; ++i) {
      std::make_shared<caller>(io, load, endpoints[i % endpoints.size()], i + 1)->connect();
    }
    io.run();
  }
  load.recorder.unsent(load.turn.unsent());
  return load.recorder.take();
}

}  // namespace troupe::bench
