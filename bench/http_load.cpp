#include "bench/http_load.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <vector>

#include "bench/operation.hpp"

namespace troupe::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds pause_after_failure{100};

tcp::resolver::results_type resolve(asio::io_context& io, const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  error_code failed;
  tcp::resolver resolver(io);
  auto found = resolver.resolve(endpoint.substr(0, colon), endpoint.substr(colon + 1), failed);
  return failed ? tcp::resolver::results_type{} : found;
}

struct shared_load {
  const load_options& options;
  std::string value;
  load_recorder recorder;
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
      self->request_next();
    });
  }

 private:
  void request_next() {
    if (load_.recorder.is_over()) return;
    const auto next = source_.next();
    request_.method(next.is_read ? http::verb::get : http::verb::put);
    request_.target("/kv/v1/" + next.key);
    request_.set(http::field::host, endpoint_);
    request_.body() = next.is_read ? std::string() : load_.value;
    request_.prepare_payload();
    began_ = clock::now();
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
    const bool absent =
        request_.method() == http::verb::get && response_.result() == http::status::not_found;
    if (response_.result() == http::status::ok || absent) {
      load_.recorder.succeeded(began_);
    } else {
      load_.recorder.failed("http " + std::to_string(response_.result_int()));
    }
    if (!response_.keep_alive()) return start_again("closed by the server");
    request_next();
  }

  void start_again(const std::string& why) {
    load_.recorder.failed(why);
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
  shared_load load{options, sample_value(options.value_bytes), load_recorder(options)};
  for (std::size_t i = 0; i < options.clients; ++i) {
    std::make_shared<caller>(io, load, endpoints[i % endpoints.size()], i + 1)->connect();
  }
  io.run();
  return load.recorder.take();
}

}  // namespace troupe::bench
