#include "tests/http/http_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace troupe::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

namespace {
constexpr std::chrono::seconds patience{10};
}

class http_client::impl {
 public:
  explicit impl(std::uint16_t port) : stream_(io_) {
    stream_.socket().connect({asio::ip::make_address("127.0.0.1"), port});
  }

  template <class Start>
  boost::system::error_code run(std::chrono::milliseconds limit, Start start) {
    boost::system::error_code out = asio::error::timed_out;
    stream_.expires_after(limit);
    start([&out](boost::system::error_code e, std::size_t) { out = e; });
    io_.restart();
    io_.run();
    return out;
  }

  asio::io_context io_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
};

http_client::http_client(std::uint16_t port) : impl_(std::make_unique<impl>(port)) {}
http_client::~http_client() = default;
http_client::http_client(http_client&&) noexcept = default;
http_client& http_client::operator=(http_client&&) noexcept = default;

http_reply http_client::send(const std::string& method, const std::string& target,
                             const std::string& body, const http_headers& headers) {
  bhttp::request<bhttp::string_body> r;
  r.version(11);
  r.method_string(method);
  r.target(target);
  r.set(bhttp::field::host, "localhost");
  for (const auto& [name, value] : headers) r.set(name, value);
  r.body() = body;
  if (!body.empty() || method == "POST" || method == "PUT") r.prepare_payload();
  static_cast<void>(
      impl_->run(patience, [&](auto done) { bhttp::async_write(impl_->stream_, r, done); }));
  return read_reply(method == "HEAD");
}

void http_client::write(const std::string& bytes) {
  static_cast<void>(impl_->run(
      patience, [&](auto done) { asio::async_write(impl_->stream_, asio::buffer(bytes), done); }));
}

http_reply http_client::read_reply(bool of_head) {
  bhttp::response_parser<bhttp::string_body> parser;
  parser.skip(of_head);
  parser.body_limit(64U << 20U);
  const auto failure = impl_->run(patience, [&](auto done) {
    bhttp::async_read(impl_->stream_, impl_->buffer_, parser, done);
  });
  http_reply out;
  if (failure) return out;
  out.status = parser.get().result_int();
  for (const auto& f : parser.get()) {
    out.headers[std::string(f.name_string())] = std::string(f.value());
  }
  out.body = parser.get().body();
  return out;
}

bool http_client::closed_within(std::chrono::milliseconds limit, std::string* received) {
  std::string bytes;
  const auto failure = impl_->run(limit, [&](auto done) {
    asio::async_read(impl_->stream_, asio::dynamic_buffer(bytes), asio::transfer_all(), done);
  });
  if (received != nullptr) *received = bytes;
  return failure == asio::error::eof || failure == asio::error::connection_reset;
}

}  // namespace troupe::test
