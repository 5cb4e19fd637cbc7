#include "http/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <catch2/catch.hpp>
#include <string>

using troupe::http::request_reader;

namespace {

namespace bhttp = boost::beast::http;

constexpr std::uint32_t header_max = 4'000;
constexpr std::uint64_t body_max = 1'000;

/// Feeds `text` in pieces of this size, as a connection does; the first failure that is no request
/// for more ends it.
boost::beast::error_code feed(request_reader& reader, const std::string& text, std::size_t piece) {
  reader.eager(true);
  std::string come;
  for (std::size_t i = 0; i < text.size() && !reader.is_done(); i += piece) {
    come += text.substr(i, piece);
    boost::beast::error_code failure;
    come.erase(0, reader.put(boost::asio::buffer(come), failure));
    if (failure && failure != bhttp::error::need_more) return failure;
  }
  return {};
}

}  // namespace

TEST_CASE("a request is the same in whatever pieces it comes") {
  const std::string long_value(700, 'v');
  const auto text =
      "PUT http://h/kv/v1/a%20b?x=1&y=2 HTTP/1.1\r\nHost: h\r\nX-Long: " + long_value +
      "\r\nContent-Length: 5\r\n\r\nhello";
  for (const std::size_t piece : {1UL, 7UL, 64UL, text.size()}) {
    request_reader reader(header_max, body_max, "10.0.0.9");
    REQUIRE_FALSE(feed(reader, text, piece));
    REQUIRE(reader.is_done());
    const auto& r = reader.request();
    CHECK(r.method == "PUT");
    CHECK(r.path == "/kv/v1/a%20b");
    CHECK(r.query == "x=1&y=2");
    CHECK(r.header("host") == "h");
    CHECK(r.header("X-Long") == long_value);
    CHECK(r.body == "hello");
    CHECK(r.remote == "10.0.0.9");
    CHECK(reader.version() == 11);
    CHECK(reader.keep_alive());
  }
}

TEST_CASE("a body in chunks is read as one") {
  request_reader reader(header_max, body_max, "");
  REQUIRE_FALSE(feed(reader,
                     "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
                     1));
  CHECK(reader.is_done());
  CHECK(reader.request().body == "abcde");
}

TEST_CASE("what is beyond the limits of header and body is refused as that") {
  const std::string too_long(5'000, 'x');
  request_reader header(header_max, body_max, "");
  CHECK(feed(header, "GET /" + too_long + " HTTP/1.1\r\n\r\n", 512) == bhttp::error::header_limit);
  request_reader announced(header_max, body_max, "");
  CHECK(feed(announced, "PUT / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", 512) ==
        bhttp::error::body_limit);
  request_reader chunked(header_max, body_max, "");
  CHECK(feed(chunked,
             "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + too_long + "\r\n",
             512) == bhttp::error::body_limit);
}
