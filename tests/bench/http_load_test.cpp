#include "bench/http_load.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/http_answer_reader.hpp"
#include "bench/operation.hpp"

using namespace std::chrono_literals;
using namespace troupe::bench;

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using message = http::request<http::string_body>;

/// Serves one connection after the other; `answer` gives the text to send back, and nothing where
/// the client is to be left waiting until it hangs up.
class one_by_one {
 public:
  explicit one_by_one(std::function<std::string(const message&)> answer)
      : answer_(std::move(answer)), serving_([this] { serve(); }) {}
  ~one_by_one() {
    over_ = true;
    tcp::socket last(io_);
    boost::system::error_code ignored;
    last.connect(acceptor_.local_endpoint(), ignored);  // wakes accept()
    last.close(ignored);
    serving_.join();
  }

  [[nodiscard]] load_options options() const {
    load_options o;
    o.endpoints = {"127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port())};
    o.clients = 1;
    o.warmup = 0ms;
    o.measured = 300ms;
    o.keys = 3;
    return o;
  }
  [[nodiscard]] std::size_t connections() const { return connections_; }

 private:
  void serve() {
    while (!over_) {
      tcp::socket socket(io_);
      acceptor_.accept(socket);
      ++connections_;
      boost::beast::flat_buffer buffer;
      boost::system::error_code failed;
      while (!failed) {
        http::request_parser<http::string_body> asked;
        asked.body_limit(8U << 20U);
        http::read(socket, buffer, asked, failed);
        if (!failed) asio::write(socket, asio::buffer(answer_(asked.get())), failed);
      }
    }
  }

  asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  const std::function<std::string(const message&)> answer_;
  std::atomic<bool> over_{false};
  std::atomic<std::size_t> connections_{0};
  std::thread serving_;
};

std::string answer(const std::string& status, const std::string& headers = {}) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: 2\r\n\r\n{}";
}

}  // namespace

TEST_CASE("writes and reads of HTTP load are requests as /kv/v1 has them") {
  std::vector<message> asked;
  load_result result;
  {
    one_by_one server([&](const message& m) {
      asked.push_back(m);
      return answer(m.method() == http::verb::get ? "404 Not Found" : "200 OK");
    });
    auto options = server.options();
    options.reads = 0.5;
    options.local_reads = true;
    result = load_http(options).value();
  }
  CHECK(result.errors.empty());
  CHECK(result.latencies.count() > 10);
  std::size_t reads = 0;
  for (const auto& m : asked) {
    const bool is_read = m.method() == http::verb::get;
    reads += is_read ? 1 : 0;
    const std::string target(m.target());
    REQUIRE(target.rfind("/kv/v1/bench-000000000", 0) == 0);
    REQUIRE(target.substr(23) == (is_read ? "?consistency=local" : ""));
    REQUIRE(m.body() == (is_read ? "" : sample_value(256)));
    REQUIRE(m[http::field::host].starts_with("127.0.0.1:"));
  }
  CHECK((reads > 0 && reads < asked.size()));
}

TEST_CASE("a value too long for one write is sent whole") {
  std::atomic<std::size_t> whole{0};
  one_by_one server([&](const message& m) {
    whole += m.body() == sample_value(4U << 20U) ? 1 : 0;
    return answer("200 OK");
  });
  auto options = server.options();
  options.value_bytes = 4U << 20U;
  CHECK(load_http(options)->errors.empty());
  CHECK(whole > 0);
}

TEST_CASE("an HTTP status that is no success is an error under its number, and the load goes on") {
  one_by_one server([](const message&) { return answer("503 Service Unavailable"); });
  const auto result = load_http(server.options()).value();
  CHECK(result.latencies.count() == 0);
  CHECK(result.errors.size() == 1);
  CHECK(result.errors.at("http 503") > 1);
  CHECK(server.connections() == 1);
}

TEST_CASE("a caller whose connection the server ends makes another") {
  one_by_one server([](const message&) { return answer("200 OK", "Connection: close\r\n"); });
  const auto result = load_http(server.options()).value();
  CHECK(result.errors.at("closed by the server") > 1);
  CHECK(server.connections() > 1);
}

TEST_CASE("an answer that does not come in its time fails as timed out, on a connection given up") {
  one_by_one server([](const message&) { return std::string(); });
  auto options = server.options();
  options.measured = 1'000ms;
  options.request_timeout = 10ms;
  const auto result = load_http(options).value();
  CHECK(result.latencies.count() == 0);
  CHECK(result.errors.at("read: timed out") > 1);
  CHECK(server.connections() > 1);
}

TEST_CASE("an answer that is not HTTP is an error") {
  one_by_one server([](const message&) { return "rubbish\r\n\r\n"; });
  const auto result = load_http(server.options()).value();
  CHECK(result.latencies.count() == 0);
  CHECK(result.errors.begin()->first.rfind("read: ", 0) == 0);
}

TEST_CASE("an HTTP answer is read in whatever pieces it comes") {
  const auto text = answer("200 OK", "ETag: \"7\"\r\n");
  http_answer_reader reader;
  boost::beast::flat_buffer come;
  for (std::size_t i = 0; i < text.size(); ++i) {
    REQUIRE_FALSE(reader.is_done());
    come.commit(asio::buffer_copy(come.prepare(1), asio::buffer(&text[i], 1)));
    boost::beast::error_code failed;
    come.consume(reader.put(come.data(), failed));
    REQUIRE((!failed || failed == http::error::need_more));
  }
  CHECK(reader.is_done());
  CHECK(reader.status() == 200);
  CHECK(reader.keep_alive());
  CHECK(come.size() == 0);
}
