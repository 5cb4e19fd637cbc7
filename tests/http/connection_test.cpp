// What the server does with connections, whatever is asked on them: limits, time limits, order.
#include "tests/http/running_server.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using test::http_client;
using test::running_server;

namespace {

http::server_options quick() {
  http::server_options o;
  o.header_timeout = 200ms;
  o.body_timeout = 200ms;
  o.idle_timeout = 400ms;
  return o;
}

template <class Condition>
bool eventually(const Condition& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

const std::string live = "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_CASE("a connection is kept for the next request") {
  running_server s;
  auto c = s.connect();
  for (int i = 0; i < 100; ++i) REQUIRE(c.get("/health/live").status == 200);
  CHECK(s.connections() == 1);
}

TEST_CASE("a client that asks for it has its connection closed after the answer") {
  running_server s;
  auto c = s.connect();
  const auto r = c.get("/health/live", {{"Connection", "close"}});
  CHECK(r.status == 200);
  CHECK(r.header("Connection") == "close");
  CHECK(c.closed_within(2s));
  auto old = s.connect();
  old.write("GET /health/live HTTP/1.0\r\n\r\n");
  std::string received;
  CHECK(old.closed_within(2s, &received));
  CHECK(received.rfind("HTTP/1.0 200 OK", 0) == 0);
}

TEST_CASE("pipelined requests are answered in their order, one at a time") {
  running_server s;
  auto c = s.connect();
  std::string burst;
  for (int i = 0; i < 20; ++i) {
    const auto body = std::to_string(i);
    burst += "PUT /kv/v1/k HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
             "\r\n\r\n" + body + "GET /kv/v1/k HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  c.write(burst);
  for (int i = 0; i < 20; ++i) {
    CHECK(c.read_reply().body == "{\"version\":" + std::to_string(i + 1) + "}");
    CHECK(c.read_reply().body == std::to_string(i));
  }
}

TEST_CASE("a slow request holds up its own connection only") {
  running_server s;
  s.cluster->hold("kv");
  auto slow = s.connect();
  slow.write("GET /kv/v1/a HTTP/1.1\r\nHost: h\r\n\r\n" + live);
  for (int i = 0; i < 20; ++i) {
    CHECK(s.get("/nacos/v1/ns/instance/list?serviceName=a").status == 200);
  }
  CHECK_FALSE(slow.closed_within(100ms));
  s.cluster->release();
}

TEST_CASE("a header over its limit is 431 and ends the connection") {
  running_server s;
  auto c = s.connect();
  CHECK(c.get("/health/live?" + std::string(60'000, 'x')).status == 200);
  const auto r = c.get("/health/live?" + std::string(70'000, 'x'));
  CHECK(r.status == 431);
  CHECK(r.header("Connection") == "close");
  CHECK(c.closed_within(2s));
}

TEST_CASE("a body over its limit is 413 and ends the connection") {
  http::server_options o;
  o.body_bytes_max = 100'000;
  running_server s(o);
  SECTION("announced") {
    auto c = s.connect();
    CHECK(c.send("PUT", "/kv/v1/a", std::string(100'000, 'x')).status == 200);
    const auto r = c.send("PUT", "/kv/v1/a", std::string(3'000'000, 'x'));
    CHECK(r.status == 413);
    CHECK(r.body == R"({"code":"too_large","message":"the body has more than 100000 bytes",)"
                    R"("retriable":false})");
    CHECK(c.closed_within(7s));
  }
  SECTION("in chunks") {
    auto c = s.connect();
    c.write("PUT /kv/v1/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "c350\r\n" + std::string(50'000, 'x') + "\r\n";
    c.write(chunk + chunk + chunk);
    CHECK(c.read_reply().status == 413);
  }
}

TEST_CASE("a body in chunks is read, and 100-continue is answered") {
  running_server s;
  auto c = s.connect();
  c.write(
      "PUT /kv/v1/a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  CHECK(c.read_reply(true).status == 100);
  c.write("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK(c.read_reply().status == 200);
  CHECK(c.get("/kv/v1/a").body == "abcde");
}

TEST_CASE("a client that is slow with its header is closed") {
  running_server s(quick());
  auto c = s.connect();
  c.write("GET /health/live HT");
  std::string received;
  CHECK(c.closed_within(3s, &received));
  CHECK(received == "");
}

TEST_CASE("a client that is slow with its body is closed") {
  running_server s(quick());
  auto c = s.connect();
  c.write("PUT /kv/v1/a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(c.closed_within(3s));
}

TEST_CASE("an idle connection is closed, before and after a request") {
  running_server s(quick());
  auto fresh = s.connect();
  auto used = s.connect();
  CHECK(used.get("/health/live").status == 200);
  CHECK(fresh.closed_within(3s));
  CHECK(used.closed_within(3s));
  CHECK(eventually([&] { return s.connections() == 0; }));
}

TEST_CASE("garbage ends the connection") {
  running_server s(quick());
  for (const std::string& garbage :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11), std::string("rubbish\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("GET /\r\n\r\n"),
        std::string(200'000, 'x'), std::string("GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        std::string("PUT /kv/v1/a HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("PUT /kv/v1/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")}) {
    auto c = s.connect();
    c.write(garbage);
    std::string received;
    CHECK(c.closed_within(8s, &received));
    INFO(garbage.substr(0, 40));
    CHECK((received.empty() || received.rfind("HTTP/1.1 4", 0) == 0));
  }
  CHECK(s.get("/health/live").status == 200);
}

TEST_CASE("200 idle connections cost nobody anything") {
  running_server s;
  std::vector<http_client> idle;
  for (int i = 0; i < 200; ++i) idle.push_back(s.connect());
  CHECK(eventually([&] { return s.connections() == 200; }));
  CHECK(s.get("/health/live").status == 200);
  for (auto& c : idle) REQUIRE(c.get("/health/live").status == 200);
  idle.clear();
  CHECK(eventually([&] { return s.connections() == 0; }));
}

TEST_CASE("connections beyond the limit are closed at once, and room is found again") {
  http::server_options o;
  o.connections_max = 3;
  running_server s(o);
  std::vector<http_client> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(s.connect());
    REQUIRE(held.back().get("/health/live").status == 200);
  }
  CHECK(s.connect().closed_within(2s));
  held.pop_back();
  CHECK(eventually([&] { return s.get("/health/live").status == 200; }));
}

TEST_CASE("a port in use is an error that names setting, value and cure") {
  const running_server s;
  auto refused = s.start_second();
  CHECK(refused.code == error_code::invalid_argument);
  CHECK(refused.message == "--http 127.0.0.1:" + std::to_string(s.port()) +
                               ": the port is in use by another process; stop it or choose "
                               "another port");
}

TEST_CASE("a handler that forgets its request answers 500 instead of nothing") {
  running_server s;
  s.cluster->drop_requests(true);
  auto c = s.connect();
  const auto r = c.get("/kv/v1/a");
  CHECK(r.status == 500);
  CHECK(r.body == R"({"code":"internal","message":"the request was dropped without an answer",)"
                  R"("retriable":false})");
  CHECK(c.get("/health/live").status == 200);
}

TEST_CASE("stopping closes the port and every connection, also one whose answer is under way") {
  running_server s;
  s.cluster->hold("kv");
  auto idle = s.connect();
  CHECK(idle.get("/health/live").status == 200);
  auto waiting = s.connect();
  waiting.write("GET /kv/v1/a HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(eventually([&] { return s.cluster->last_asked().group == "kv"; }));
  s.stop();
  CHECK(idle.closed_within(2s));
  CHECK(waiting.closed_within(2s));
  s.cluster->release();
  CHECK(eventually([&] { return s.connections() == 0; }));
  CHECK_THROWS(s.connect());
}

TEST_CASE("unknown paths are 404 and known ones with another method 405") {
  running_server s;
  auto c = s.connect();
  const auto none = c.get("/nothing/here");
  CHECK(none.status == 404);
  CHECK(none.body == R"({"code":"not_found","message":"there is nothing at /nothing/here",)"
                     R"("retriable":false})");
  const auto other = c.send("POST", "/kv/v1/a", "x");
  CHECK(other.status == 405);
  CHECK(other.header("Allow") == "PUT, DELETE, GET");
  CHECK(other.body == R"({"code":"method_not_allowed","message":"POST is not among PUT, DELETE, )"
                      R"(GET","retriable":false})");
  CHECK(c.send("BREW", "/health/live").status == 405);
  CHECK(c.get("http://localhost/health/live").status == 200);
  CHECK(c.get("*").status == 404);
}
