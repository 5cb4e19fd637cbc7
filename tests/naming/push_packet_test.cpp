// The bytes of pushes and acknowledgements, and who understands them.
#include "naming/push_packet.hpp"

#include <zlib.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "naming/push_agent.hpp"
#include "unzipped.hpp"

using namespace troupe::naming;
using troupe::testing::is_gzip;
using troupe::testing::unzipped;

TEST_CASE("a push holds the list as a text, and the number to acknowledge") {
  const auto packet = make_push_packet(R"({"name":"g@@orders","hosts":[]})", 1'700'000'000'000'123);
  const std::string data = R"("{\"name\":\"g@@orders\",\"hosts\":[]}")";
  CHECK(packet == R"({"type":"dom","data":)" + data + R"(,"lastRefTime":1700000000000123})");
}

TEST_CASE("a push of 1024 bytes is compressed, one byte less is not") {
  const auto frame = make_push_packet("", 1).size();
  for (const std::size_t size : {1'023U, 1'024U, 60'000U}) {
    INFO(size);
    const std::string info(size - frame, 'x');
    const auto packet = make_push_packet(info, 1);
    CHECK(is_gzip(packet) == (size >= 1'024));
    const auto said = nlohmann::json::parse(unzipped(packet));
    CHECK(said["type"] == "dom");
    CHECK(said["data"] == info);
    CHECK(said["lastRefTime"] == 1);
  }
}

TEST_CASE("an acknowledgement is understood with a number or a text, anything else is none") {
  CHECK(parse_push_ack(R"({"type":"push-ack","lastRefTime":1700000000000000123,"data":""})") ==
        1'700'000'000'000'000'123);
  CHECK(parse_push_ack(R"({"type":"push-ack","lastRefTime":"42","data":""})") == 42);
  for (const auto* bad :
       {"", "{", "[]", "42", R"({"type":"push-ack"})", R"({"lastRefTime":1})",
        R"({"type":"dom","lastRefTime":1})", R"({"type":"push-ack","lastRefTime":"4x"})",
        R"({"type":"push-ack","lastRefTime":""})", R"({"type":"push-ack","lastRefTime":{}})",
        R"({"type":5,"lastRefTime":1})"}) {
    INFO(bad);
    CHECK_FALSE(parse_push_ack(bad));
  }
  CHECK_FALSE(parse_push_ack(std::string(2'000, '[')));
}

TEST_CASE("agents are pushed to from their least version on") {
  struct row {
    const char* agent;
    bool pushed;
  };
  const row rows[] = {
      {"Nacos-Java-Client:v1.4.7", true},
      {"Nacos-Java-Client:v0.1.0", true},
      {"Nacos-Java-Client:v0.0.9", false},
      {"Nacos-Java-Client", false},
      {"Nacos-Java-Client:v1.0.0-SNAPSHOT", true},
      {"Nacos-Go-Client:v1.1.5", true},
      {"Nacos-C-Client:v1.0.12", true},
      {"Nacos-C-Client:v1.0.11", false},
      {"vip-client4cpp:1.1.0", true},
      {"Nacos-CPP-Client:v1.0.1", true},
      {"Nacos-DNS:v0.4.2", false},
      {"Nacos-DNS:v0.4.3", true},
      {"Nacos-CSharp-Client:v0.9.0", true},
      {"Nacos-CSharp-Client:v0.8.9", false},
      {"Nacos-Python-Client:v1.0.0", false},
      {"curl/7.88.1", false},
      {"", false},
      {"Nacos-Java-ClientX:v9.0.0", false},
  };
  for (const auto& r : rows) {
    INFO(r.agent);
    const auto agent = parse_agent(r.agent);
    CHECK((agent && can_push_to(*agent, {})) == r.pushed);
  }
}

TEST_CASE("operators switch pushes off, and the least version of a kind") {
  const auto go = *parse_agent("Nacos-Go-Client:v1.1.5");
  push_switches s;
  s.go = parse_version("1.2.0");
  CHECK_FALSE(can_push_to(go, s));
  s.go = parse_version("1.1.5");
  CHECK(can_push_to(go, s));
  s.enabled = false;
  CHECK_FALSE(can_push_to(go, s));
}

TEST_CASE("the switches of the cluster are those of the pushes") {
  troupe::processors::naming::switches all;
  auto s = push_switches_of(all);
  CHECK(s.enabled);
  CHECK(s.java == push_switches{}.java);
  CHECK(s.go == push_switches{}.go);
  CHECK(s.python == push_switches{}.python);
  CHECK(s.c == push_switches{}.c);
  CHECK(s.csharp == push_switches{}.csharp);
  all.push_enabled = false;
  all.push_versions["go"] = "2.3.4";
  s = push_switches_of(all);
  CHECK_FALSE(s.enabled);
  CHECK(s.go == agent_version{2, 3, 4});
}

TEST_CASE("versions are compared by number") {
  CHECK(parse_version("1.10.0") > parse_version("v1.9.99"));
  CHECK(parse_version("2") == agent_version{2, 0, 0});
  CHECK(parse_version("x.y") == agent_version{});
  CHECK(parse_version("1.2.3.4") == agent_version{1, 2, 3});
}
