#include "http/response_head.hpp"

#include <catch2/catch.hpp>

using namespace troupe::http;

TEST_CASE("an answer's head has its status, headers and the length of its body") {
  CHECK(response_head({200, "{\"version\":7}", "application/json", {{"ETag", "\"7\""}}}, {}) ==
        "HTTP/1.1 200 OK\r\nServer: troupe\r\nContent-Type: application/json\r\nETag: \"7\"\r\n"
        "Content-Length: 13\r\n\r\n");
  CHECK(response_head({404, {}, {}, {}}, {}) ==
        "HTTP/1.1 404 Not Found\r\nServer: troupe\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a head says what becomes of the connection where the version leaves it open") {
  const response ok{200, {}, {}, {}};
  CHECK(response_head(ok, {11, false}) ==
        "HTTP/1.1 200 OK\r\nServer: troupe\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  CHECK(response_head(ok, {10, true}) ==
        "HTTP/1.0 200 OK\r\nServer: troupe\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
  CHECK(response_head(ok, {10, false}) ==
        "HTTP/1.0 200 OK\r\nServer: troupe\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("an answer without a body by its status tells no length") {
  CHECK(response_head({304, {}, {}, {{"ETag", "\"7\""}}}, {}) ==
        "HTTP/1.1 304 Not Modified\r\nServer: troupe\r\nETag: \"7\"\r\n\r\n");
}

TEST_CASE("a header's value cannot begin another line") {
  CHECK(response_head({200, {}, {}, {{"Config-Type", "text\r\nSet-Cookie: a=b"}}}, {}) ==
        "HTTP/1.1 200 OK\r\nServer: troupe\r\nConfig-Type: text  Set-Cookie: a=b\r\n"
        "Content-Length: 0\r\n\r\n");
}
