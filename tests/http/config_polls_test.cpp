// Long polls over real connections: nacos-spec C.8.3.
#include <condition_variable>
#include <nlohmann/json.hpp>

#include "http/text_forms.hpp"
#include "processors/md5.hpp"
#include "tests/http/running_server.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr const char* path = "/nacos/v1/cs/configs/listener";
constexpr const char* patient = "Long-Pulling-Timeout: 30000\r\n";

std::string line(const std::string& data_id, const std::string& md5,
                 const std::string& tenant = {}) {
  return data_id + "\x02g\x02" + md5 + (tenant.empty() ? "" : "\x02" + tenant) + "\x01";
}

std::string poll_request(const std::string& lines, const std::string& header) {
  const auto body = "Listening-Configs=" + http::percent_encode(lines);
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + header +
         "Content-Type: application/x-www-form-urlencoded; charset=utf8\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

http_reply poll(http_client& c, const std::string& lines, const std::string& header) {
  c.write(poll_request(lines, header));
  return c.read_reply();
}

void publish(const running_server& s, const std::string& data_id, const std::string& content) {
  REQUIRE(
      s.connect()
          .form("POST", "/nacos/v1/cs/configs", "dataId=" + data_id + "&group=g&content=" + content)
          .body == "true");
}

/// Addresses that wait for a configuration, as the server shows them.
std::size_t waiting_for(const running_server& s, const std::string& data_id) {
  const auto r = s.get(std::string(path) + "?group=g&dataId=" + data_id);
  return nlohmann::json::parse(r.body).at("lisentersGroupkeyStatus").size();
}

template <class Condition>
bool eventually(Condition holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

TEST_CASE("a hanging poll is answered by the change that it waits for", "[config][polls]") {
  running_server s;
  publish(s, "a", "1");
  auto c = s.connect();
  c.write(poll_request(line("a", processors::md5_hex("1"), "public"), patient));
  REQUIRE(eventually([&] { return waiting_for(s, "a") == 1; }));
  publish(s, "a", "2");
  const auto r = c.read_reply();
  CHECK(r.status == 200);
  CHECK(r.body == "a%02g%02public%01\n");
  CHECK(r.header("Pragma") == "no-cache");
  CHECK(r.header("Expires") == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(r.header("Cache-Control") == "no-cache,no-store");
  CHECK(waiting_for(s, "a") == 0);

  // The connection goes on.
  const auto again = poll(c, line("a", processors::md5_hex("1")), patient);
  CHECK(again.body == "a%02g%01\n");
}

TEST_CASE("without patience a poll tells at once what differs", "[config][polls]") {
  running_server s;
  publish(s, "a", "1");
  auto c = s.connect();
  const auto differing = poll(c, line("a", "") + line("b", ""), "");
  CHECK(differing.status == 200);
  CHECK(differing.body == "a%02g%01\n");
  CHECK(differing.header("Probe-Modify-Response-New") == "a%02g%01");
  const auto same = poll(c, line("b", ""), "");
  CHECK(same.status == 200);
  CHECK(same.body.empty());
  const auto first =
      poll(c, line("b", ""), std::string(patient) + "Long-Pulling-Timeout-No-Hangup: true\r\n");
  CHECK(first.status == 200);
  CHECK(first.body.empty());
}

TEST_CASE("a poll that says nothing readable is refused", "[config][polls]") {
  running_server s;
  auto c = s.connect();
  for (const auto* bad : {"", "a", "a\x02g\x01"}) {
    const auto r = poll(c, bad, patient);
    CHECK(r.status == 400);
    CHECK(r.body == "invalid probeModify");
  }
  CHECK(s.send("POST", path).body == "invalid probeModify");
  const auto r = poll(c, line("a", ""), "Long-Pulling-Timeout: soon\r\n");
  CHECK(r.status == 400);
  CHECK(r.body == "Long-Pulling-Timeout : soon is no number");
}

TEST_CASE("a poll whose text was encoded twice is understood", "[config][polls]") {
  running_server s;
  publish(s, "a", "1");
  auto c = s.connect();
  CHECK(poll(c, http::percent_encode(line("a", "")), patient).body == "a%02g%01\n");
}

TEST_CASE("a node that lacks what was committed tells nobody that it is gone", "[config][polls]") {
  running_server s;
  publish(s, "a", "1");
  const std::string get = "/nacos/v1/cs/configs?group=g&dataId=";
  const std::string starting = "server is STARTINGnow, please try again later!";
  s.cluster->reasons = {"kv: no leader", "nacos_config: applied 3 of 7"};
  auto c = s.connect();
  CHECK(c.get(get + "a").status == 200);
  const auto missing = c.get(get + "b");
  CHECK(missing.status == 503);
  CHECK(missing.body == starting);
  const auto polled = poll(c, line("a", ""), patient);
  CHECK(polled.status == 503);
  CHECK(polled.body == starting);

  s.cluster->reasons = {"kv: no leader"};
  CHECK(c.get(get + "b").status == 404);
  CHECK(poll(c, line("a", ""), patient).body == "a%02g%01\n");
  // What it has once caught up with it does not lose when the leader goes.
  s.cluster->reasons = {"nacos_config: no leader"};
  CHECK(c.get(get + "b").status == 404);
}

TEST_CASE("a client that hangs up is forgotten at once", "[config][polls]") {
  running_server s;
  {
    auto c = s.connect();
    c.write(poll_request(line("a", ""), patient));
    REQUIRE(eventually([&] { return waiting_for(s, "a") == 1; }));
  }
  CHECK(eventually([&] { return waiting_for(s, "a") == 0; }));
  publish(s, "a", "1");
}

TEST_CASE("a server that stops lets go of those who wait", "[config][polls]") {
  running_server s;
  auto c = s.connect();
  c.write(poll_request(line("a", ""), patient));
  REQUIRE(eventually([&] { return waiting_for(s, "a") == 1; }));
  s.stop();
  std::string received;
  CHECK(c.closed_within(std::chrono::seconds(10), &received));
  CHECK(received.empty());
}

TEST_CASE("operators see who waits for what", "[config][polls]") {
  running_server s;
  publish(s, "a", "1");
  auto c = s.connect();
  c.write(poll_request(line("a", processors::md5_hex("1")) + line("b", ""),
                       std::string(patient) + "X-Forwarded-For: 10.0.0.5, 10.0.0.6\r\n"));
  REQUIRE(eventually([&] { return waiting_for(s, "a") == 1; }));
  CHECK(s.get(std::string(path) + "?dataId=a&group=g").body ==
        R"({"collectStatus":200,"lisentersGroupkeyStatus":{"10.0.0.5":)"
        R"("c4ca4238a0b923820dcc509a6f75849b"}})");
  CHECK(s.get("/nacos/v1/cs/listener?ip=10.0.0.5").body ==
        R"({"collectStatus":200,"lisentersGroupkeyStatus":{"a+g":)"
        R"("c4ca4238a0b923820dcc509a6f75849b"}})");
  const auto all = nlohmann::json::parse(s.get("/nacos/v1/cs/listener?ip=10.0.0.5&all=true").body);
  CHECK(all.at("lisentersGroupkeyStatus").size() == 2);
  CHECK(s.get("/nacos/v1/cs/listener?ip=10.0.0.6").body ==
        R"({"collectStatus":200,"lisentersGroupkeyStatus":{}})");
  CHECK(s.get("/nacos/v1/cs/listener").body == "Parameter 'ip' is missing");
}
