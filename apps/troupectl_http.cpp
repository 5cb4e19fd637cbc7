#include "apps/troupectl_http.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

namespace troupe::apps {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds connect_timeout{2'000};
constexpr milliseconds pause_between_rounds{100};
constexpr std::uint64_t body_bytes_max = 64U << 20U;

bool is_write(const http_request& request) {
  return request.method != "GET";
}

/// One request on a connection of its own. Beast times out asynchronous operations only, so each is
/// started, and the context runs until it is done.
class exchange {
 public:
  explicit exchange(milliseconds timeout) : timeout_(timeout) {}

  error_code connect(const std::string& endpoint) {
    const auto colon = endpoint.rfind(':');
    auto host = endpoint.substr(0, colon);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    error_code failed;
    asio::ip::tcp::resolver resolver(context_);
    const auto found = resolver.resolve(host, endpoint.substr(colon + 1), failed);
    if (failed) return failed;
    return complete(std::min(timeout_, connect_timeout), [&](auto done) {
      stream_.async_connect(found, [done](error_code ec, const auto&) { done(ec); });
    });
  }

  error_code write(const http::request<http::string_body>& message) {
    return complete(timeout_, [&](auto done) {
      http::async_write(stream_, message, [done](error_code ec, std::size_t) { done(ec); });
    });
  }

  error_code read(http::response_parser<http::string_body>& parser) {
    parser.body_limit(body_bytes_max);
    return complete(timeout_, [&](auto done) {
      http::async_read(stream_, buffer_, parser, [done](error_code ec, std::size_t) { done(ec); });
    });
  }

 private:
  template <class Start>
  error_code complete(milliseconds limit, Start start) {
    error_code result;
    stream_.expires_after(limit);
    start([&result](error_code ec) { result = ec; });
    context_.restart();
    context_.run();
    return result;
  }

  milliseconds timeout_;
  asio::io_context context_;
  beast::tcp_stream stream_{context_};
  beast::flat_buffer buffer_;
};

http::request<http::string_body> message_of(const std::string& endpoint,
                                            const http_request& request) {
  http::request<http::string_body> message(http::string_to_verb(request.method), request.target,
                                           11);
  message.set(http::field::host, endpoint);
  message.set(http::field::user_agent, "troupectl");
  message.set(http::field::connection, "close");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

std::string unquoted(beast::string_view text) {
  if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  return {text.data(), text.size()};
}

raft::unexpected<failure> failed_at(const std::string& endpoint, int exit_code,
                                    const error_code& reason) {
  return raft::unexpected<failure>({exit_code, endpoint + ": " + reason.message(), false});
}

raft::expected<http_answer, failure> attempt(const std::string& endpoint,
                                             const http_request& request, milliseconds timeout) {
  exchange one(timeout);
  if (const auto failed = one.connect(endpoint)) {
    return failed_at(endpoint, exit_unreachable, failed);
  }
  // From the first byte on, a write may have happened.
  const int after_sending = is_write(request) ? exit_outcome_unknown : exit_unreachable;
  if (const auto failed = one.write(message_of(endpoint, request))) {
    return failed_at(endpoint, after_sending, failed);
  }
  http::response_parser<http::string_body> parser;
  if (const auto failed = one.read(parser)) return failed_at(endpoint, after_sending, failed);
  const auto& message = parser.get();
  return http_answer{message.result_int(), message.body(), unquoted(message[http::field::etag])};
}

/// Nacos paths answer in plain text.
bool is_retriable_text(const http_answer& answer) {
  return answer.status == 503 ||
         answer.body.find("did not find the Leader node") != std::string::npos;
}

/// Long enough not to press nodes that hold an election.
void pause() {
  asio::io_context context;
  asio::steady_timer(context, pause_between_rounds).wait();
}

bool succeeded(const http_answer& answer) {
  return answer.status / 100 == 2;
}

std::string message_of(const http_answer& answer, const nlohmann::json& error) {
  if (error.is_object()) {
    return error.value("code", std::string("error")) + ": " + error.value("message", "");
  }
  return "status " + std::to_string(answer.status) + ": " + answer.body;
}

}  // namespace

failure failure_of(const http_request& request, const http_answer& answer) {
  const auto error = nlohmann::json::parse(answer.body, nullptr, false);
  const bool retriable =
      error.is_object() ? error.value("retriable", false) : is_retriable_text(answer);
  const auto message = message_of(answer, error);
  const auto code = error.is_object() ? error.value("code", std::string()) : std::string();
  if (retriable) return {exit_unreachable, message, true, code};
  // 501: the path does not exist, so nothing was done.
  const bool unknown = is_write(request) && answer.status >= 500 && answer.status != 501;
  return {unknown ? exit_outcome_unknown : exit_refused, message, false, code};
}

milliseconds cluster_client::patience(const http_request& request) const {
  // A read may be asked of another endpoint when one stays silent; a write may not.
  if (is_write(request)) return timeout_;
  return std::max(milliseconds{1}, timeout_ / static_cast<int>(endpoints_.size()));
}

raft::expected<http_answer, failure> cluster_client::ask(const std::string& endpoint,
                                                         const http_request& request) const {
  return attempt(endpoint, with_token(request), patience(request));
}

http_request cluster_client::with_token(http_request request) const {
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  return request;
}

raft::expected<http_answer, failure> cluster_client::try_each(const http_request& request,
                                                              clock::time_point deadline) {
  failure last;
  for (std::size_t tried = 0; tried < endpoints_.size(); ++tried) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock::now());
    const auto limit = std::clamp(left, milliseconds{1}, patience(request));
    auto answer = attempt(endpoints_[current_], with_token(request), limit);
    if (answer && succeeded(*answer)) return answer;
    auto failed = answer ? failure_of(request, *answer) : std::move(answer).error();
    if (failed.exit_code != exit_unreachable) return raft::unexpected<failure>(failed);
    // What a node says tells more than that another is silent.
    if (!last.may_pass) last = std::move(failed);
    current_ = (current_ + 1) % endpoints_.size();
  }
  return raft::unexpected<failure>(last);
}

raft::expected<http_answer, failure> cluster_client::send(const http_request& request) {
  const auto deadline = clock::now() + timeout_;
  for (;;) {
    auto answer = try_each(request, deadline);
    if (answer || !answer.error().may_pass) return answer;
    if (clock::now() + pause_between_rounds >= deadline) return answer;
    pause();
  }
}

}  // namespace troupe::apps
