// Ephemeral instances over the v1 API: registered, alive by beats, gone without them.
#include "tests/http/naming_client.hpp"

using namespace troupe;
using test::has;
using test::naming_client;
using test::running_server;

namespace {

const std::string alive = R"({"clientBeatInterval":5000,"code":10200,"lightBeatEnabled":true})";
const std::string unknown = R"({"clientBeatInterval":5000,"code":20404,"lightBeatEnabled":true})";

/// Seconds pass, each with its check.
void pass(running_server& s, int seconds) {
  for (int i = 0; i < seconds; ++i) {
    *s.now_ms += 1'000;
    s.naming.ephemeral->check();
  }
}

test::http_reply light_beat(naming_client& c, const std::string& service = "orders") {
  return c.call("PUT", "/beat?serviceName=" + service + "&ip=10.0.0.2&port=8080");
}

/// As the text of a parameter.
std::string encoded(const std::string& json) {
  std::string out;
  for (const char ch : json) {
    static const std::string digits = "0123456789ABCDEF";
    out += '%';
    out += digits[static_cast<unsigned char>(ch) >> 4U];
    out += digits[static_cast<unsigned char>(ch) & 15U];
  }
  return out;
}

test::http_reply full_beat(naming_client& c, const std::string& beat,
                           const std::string& service = "orders") {
  return c.call("PUT", "/beat?serviceName=" + service + "&beat=" + encoded(beat));
}

}  // namespace

TEST_CASE("an instance is ephemeral unless its registration says otherwise") {
  running_server s;
  naming_client c(s);
  for (const auto* kind : {"", "&ephemeral=true", "&ephemeral=", "&ephemeral=True"}) {
    CHECK(c.enroll_ephemeral(kind).body == "ok");
    CHECK(has(c.list(), R"("ip":"10.0.0.2","port":8080,"weight":1.0,"healthy":true,"enabled":true,)"
                        R"("ephemeral":true,)"));
  }
}

TEST_CASE("ephemeral instances need no leader") {
  running_server s;
  naming_client c(s);
  s.cluster->fail_with(error{error_code::no_leader, "x", {}});
  CHECK(c.enroll_ephemeral().body == "ok");
  CHECK(light_beat(c).body == alive);
  CHECK(c.call("DELETE", "?serviceName=orders&ip=10.0.0.2&port=8080").body == "ok");
  CHECK(has(c.list(), R"("hosts":[])"));
}

TEST_CASE("without beats an instance turns unhealthy, then it is gone") {
  running_server s;
  naming_client c(s);
  c.enroll_ephemeral();
  pass(s, 15);
  CHECK(has(c.list(), R"("healthy":false)"));
  CHECK(light_beat(c).body == alive);
  CHECK(has(c.list(), R"("healthy":true)"));
  pass(s, 30);
  CHECK(has(c.list(), R"("hosts":[])"));
  CHECK(light_beat(c).body == unknown);
}

TEST_CASE("a full beat registers whom nobody knows, with numbers as numbers or as texts") {
  running_server s;
  naming_client c(s);
  CHECK(full_beat(c, R"({"serviceName":"DEFAULT_GROUP@@orders","ip":"10.0.0.3","port":80,)"
                     R"("cluster":"west","weight":2,"metadata":{"a":"1"},"scheduled":false,)"
                     R"("period":5000,"stopped":false,"ephemeral":true})")
            .body == alive);
  CHECK(full_beat(c, R"({"ip":"10.0.0.3","port":"81","cluster":"west","weight":"2.0",)"
                     R"("metadata":{"a":"1"},"scheduled":"true"})")
            .body == alive);
  for (const auto* port : {"80", "81"}) {
    CHECK(has(c.list(), std::string(R"({"instanceId":"10.0.0.3#)") + port +
                            R"(#west#DEFAULT_GROUP@@orders","ip":"10.0.0.3","port":)" + port +
                            R"(,"weight":2.0,"healthy":true,"enabled":true,"ephemeral":true,)"
                            R"("clusterName":"west","serviceName":"DEFAULT_GROUP@@orders",)"
                            R"("metadata":{"a":"1"})"));
  }
}

TEST_CASE("a full beat of a known instance is a sign of life and nothing else") {
  running_server s;
  naming_client c(s);
  c.enroll_ephemeral("&weight=3");
  pass(s, 14);
  CHECK(full_beat(c, R"({"ip":"10.0.0.2","port":8080,"weight":9})").body == alive);
  pass(s, 14);
  CHECK(has(c.list(), R"("weight":3.0,"healthy":true)"));
}

TEST_CASE("what a beat says about the address counts more than the parameters") {
  running_server s;
  naming_client c(s);
  c.call("PUT", "/beat?serviceName=orders&ip=10.0.0.8&port=1&clusterName=west&beat=" +
                    encoded(R"({"ip":"10.0.0.9","port":2})"));
  CHECK(has(c.list(), "10.0.0.9#2#west#"));
}

TEST_CASE("the interval is the instance's own, when it has one") {
  running_server s;
  naming_client c(s);
  c.enroll_ephemeral("&metadata=preserved.heart.beat.interval=1000");
  const std::string own = R"({"clientBeatInterval":1000,"code":10200,"lightBeatEnabled":true})";
  CHECK(light_beat(c).body == own);
  CHECK(full_beat(c, R"({"ip":"10.0.0.5","port":1,)"
                     R"("metadata":{"preserved.heart.beat.interval":1000}})")
            .body == own);
}

TEST_CASE("beats that cannot be are refused in plain words") {
  running_server s;
  naming_client c(s);
  const auto refused = [](const test::http_reply& r) {
    CHECK(r.status == 400);
    return r.body;
  };
  CHECK(refused(c.call("PUT", "/beat?ip=10.0.0.2&port=8080")) ==
        "Param 'serviceName' is required.");
  CHECK(refused(full_beat(c, "[]")) == "Param 'beat' is illegal, it should be a JSON object.");
  CHECK(refused(full_beat(c, "{")) == "Param 'beat' is illegal, it should be a JSON object.");
  CHECK(refused(full_beat(c, R"({"ip":"10.0.0.2","port":70000})")) ==
        "Param 'port' is illegal, the value should be between 0 and 65535.");
  CHECK(refused(full_beat(c, R"({"ip":"10.0.0.2"})")) == "Param 'port' is required.");
  CHECK(refused(full_beat(c, R"({"ip":"10.0.0.2","port":1,"weight":-1})")) ==
        "instance format invalid: The weights range from 0.0 to 10000.0");
  CHECK(refused(full_beat(c, R"({"ip":"10.0.0.2","port":1,"cluster":"a b"})")) ==
        "Param 'cluster' is illegal, illegal characters should not appear in the param.");
  CHECK(c.call("PUT", "/beat?serviceName=orders").body == unknown);
}

TEST_CASE("a service is either ephemeral or persistent") {
  running_server s;
  naming_client c(s);
  c.enroll();
  const std::string persistent =
      "errCode: 400, errMsg: Current service DEFAULT_GROUP@@orders is persistent service, can't "
      "register ephemeral instance. ";
  auto r = c.enroll_ephemeral();
  CHECK(r.status == 400);
  CHECK(r.body == persistent);
  r = light_beat(c);
  CHECK(r.status == 400);
  CHECK(r.body == persistent);
  CHECK(full_beat(c, R"({"ip":"10.0.0.2","port":1})").body == persistent);
  c.enroll_ephemeral({}, "carts");
  r = c.enroll({}, "carts");
  CHECK(r.status == 400);
  CHECK(r.body ==
        "errCode: 400, errMsg: Current service DEFAULT_GROUP@@carts is ephemeral service, can't "
        "register persistent instance. ");
  // The kind goes with the last instance.
  c.call("DELETE", "?serviceName=carts&ip=10.0.0.2&port=8080");
  CHECK(c.enroll({}, "carts").body == "ok");
}

TEST_CASE("a deregistration that names no kind takes the ephemeral instance, without a write") {
  running_server s;
  naming_client c(s);
  c.enroll_ephemeral();
  s.cluster->fail_with(error{error_code::no_leader, "x", {}});
  CHECK(c.call("DELETE", "?serviceName=orders&ip=10.0.0.2&port=8080").body == "ok");
  CHECK(has(c.list(), R"("hosts":[])"));
  c.enroll_ephemeral();
  CHECK(c.call("DELETE", "?serviceName=orders&ip=10.0.0.9&port=8080").body == "ok");
  CHECK(has(c.list(), "10.0.0.2"));
}

TEST_CASE("beyond the limits of a service or of the node a registration is 500") {
  running_server s;
  naming_client c(s);
  naming::host h;
  h.cluster = "DEFAULT";
  for (std::size_t i = 0; i < processors::naming::instances_per_service_max; ++i) {
    h.ip = "h" + std::to_string(i);
    REQUIRE_FALSE(s.naming.ephemeral->enroll({"public", "DEFAULT_GROUP", "orders"}, h));
  }
  const auto r = c.enroll_ephemeral();
  CHECK(r.status == 500);
  CHECK(r.body ==
        "caused: service DEFAULT_GROUP@@orders has 20000 instances already, the most that a "
        "service may have;");
}

TEST_CASE("operators' switches say what is the default, how often to beat and whether lightly") {
  running_server s;
  naming_client c(s);
  auto& switches = *s.naming.switches;
  REQUIRE(switches.turn_here("defaultInstanceEphemeral", "false"));
  c.enroll_ephemeral();
  CHECK(has(c.list(), R"("ephemeral":false)"));
  REQUIRE(switches.turn_here("defaultInstanceEphemeral", "true"));
  REQUIRE(switches.turn_here("clientBeatInterval", "7000"));
  REQUIRE(switches.turn_here("lightBeatEnabled", "false"));
  CHECK(light_beat(c, "carts").body ==
        R"({"clientBeatInterval":7000,"code":20404,"lightBeatEnabled":false})");
  REQUIRE(switches.turn_here("pushCacheMillis", "20000"));
  CHECK(has(c.list(), R"("cacheMillis":20000,)"));
}
