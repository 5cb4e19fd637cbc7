// Probes over MySQL's protocol, against a server that answers as it is told, also in bad faith.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "fake_mysql.hpp"
#include "naming/probe_sockets.hpp"

using namespace troupe::naming;
using namespace troupe::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto read_only = "show global variables where variable_name='read_only'";

probe_outcome probe(const fake_mysql& server, const std::string& command = read_only) {
  probe_target t;
  t.host = "127.0.0.1";
  t.port = server.port();
  t.checker.type = "MYSQL";
  t.checker.user = "nacos";
  t.checker.password = "secret";
  t.checker.command = command;
  return probe_mysql(t, t.host, {500ms, 400ms});
}

fake_mysql::answers answering(std::string command) {
  return {fake_mysql::ok(), std::move(command), false};
}

}  // namespace

TEST_CASE("a server that answers the command is a success, and is asked just that") {
  fake_mysql server(answering(fake_mysql::row_packets("a", "b")));
  const auto o = probe(server, "select a, b from t");
  CHECK(o.why.empty());
  CHECK(o.verdict == probe_verdict::success);
  const auto received = server.received();
  CHECK(received.find("nacos") != std::string::npos);
  CHECK(received.find("select a, b from t") != std::string::npos);
  CHECK(received.find("secret") == std::string::npos);
}

TEST_CASE("a server that only follows another is no success, one that takes writes is") {
  fake_mysql leader(answering(fake_mysql::row_packets("read_only", "OFF")));
  CHECK(probe(leader).verdict == probe_verdict::success);
  fake_mysql follower(answering(fake_mysql::row_packets("read_only", "ON")));
  const auto o = probe(follower);
  CHECK(o.verdict == probe_verdict::soft_failure);
  CHECK(o.why == "the server is read-only");
}

TEST_CASE("a refused login and a refused command are hard failures, with the server's words") {
  fake_mysql closed({fake_mysql::refusal(1045, "Access denied\nfor you \xc3\xa4"), {}, false});
  auto o = probe(closed);
  CHECK(o.verdict == probe_verdict::hard_failure);
  CHECK(o.why == "error 1045: Access denied?for you ??");
  fake_mysql broken(answering(fake_mysql::answer(fake_mysql::refusal(1146, "no such table"))));
  o = probe(broken);
  CHECK(o.verdict == probe_verdict::hard_failure);
  CHECK(o.why == "error 1146: no such table");
}

TEST_CASE("a server that says nothing is a soft failure when the time is over") {
  fake_mysql server({fake_mysql::ok(), {}, true});
  const auto o = probe(server);
  CHECK(o.verdict == probe_verdict::soft_failure);
  CHECK(o.why == "no answer within 400 ms");
  CHECK(o.took >= probe_time{400});
  server.let_go();
}

TEST_CASE("a server that cannot be reached is a soft failure after 500 ms") {
  full_port nowhere;
  probe_target t;
  t.port = nowhere.port();
  t.checker.type = "MYSQL";
  const auto o = probe_mysql(t, "127.0.0.1", {500ms, 10s});
  CHECK(o.verdict == probe_verdict::soft_failure);
  CHECK(o.why == "no connection within 500 ms");
}

TEST_CASE("a server that is none is a soft failure") {
  loopback_server talks_http([](tcp::socket& s) {
    boost::system::error_code ignored;
    boost::asio::write(s, boost::asio::buffer(std::string("HTTP/1.1 400 Bad Request\r\n\r\n")),
                       ignored);
  });
  probe_target t;
  t.port = talks_http.port();
  t.checker.type = "MYSQL";
  CHECK(probe_mysql(t, "127.0.0.1", {500ms, 400ms}).verdict == probe_verdict::soft_failure);
}

TEST_CASE("a server cannot have a file of this node") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("troupe-mysql-" + std::to_string(::getpid()) + ".txt");
  std::ofstream(path) << "what is nobody's business";
  fake_mysql server(answering(fake_mysql::answer(fake_mysql::send_me(path.string()))));
  CHECK(probe(server).verdict != probe_verdict::success);
  CHECK(server.received().find("nobody's business") == std::string::npos);
  std::filesystem::remove(path);
}

TEST_CASE("a server cannot have the password in clear") {
  fake_mysql server({fake_mysql::switch_to("mysql_clear_password"), fake_mysql::ok(), false});
  CHECK(probe(server).verdict != probe_verdict::success);
  CHECK(server.received().find("secret") == std::string::npos);
}
