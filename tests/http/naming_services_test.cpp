// Services as such, settings of clusters, health by hand and switches, in both versions of the API.
// nacos-spec C.4.5, C.4.6, C.6, C.7.
#include "tests/http/naming_client.hpp"

using namespace troupe;
using test::has;
using test::naming_client;
using test::running_server;
using test::v2_refusal;

namespace {

const std::string service = "/nacos/v1/ns/service";
const std::string service_v2 = "/nacos/v2/ns/service";
const std::string orders = "?serviceName=orders";
const naming::service_key orders_key{"public", "DEFAULT_GROUP", "orders"};
/// {"type":"NONE"}
const std::string unchecked = "&healthChecker=%7B%22type%22%3A%22NONE%22%7D";

test::http_reply set_cluster(naming_client& c, const std::string& more) {
  return c.http().send("PUT", "/nacos/v1/ns/cluster" + orders +
                                  "&clusterName=DEFAULT&checkPort=81&useInstancePort4Check=false" +
                                  more);
}

}  // namespace

TEST_CASE("a service is created once, and shown as it was created") {
  running_server s;
  naming_client c(s);
  CHECK(c.http().get(service + orders).body == "service DEFAULT_GROUP@@orders not found!");
  const auto made = c.http().send("POST", service + orders + "&protectThreshold=0.5&metadata=a=1");
  CHECK(made.status == 200);
  CHECK(made.body == "ok");
  CHECK(c.http().get(service + orders).body ==
        R"({"namespaceId":"public","groupName":"DEFAULT_GROUP","name":"orders",)"
        R"("protectThreshold":0.5,"metadata":{"a":"1"},)"
        R"("selector":{"type":"none","contextType":"NONE"},"clusters":[]})");
  const auto again = c.http().send("POST", service + orders);
  CHECK(again.status == 400);
  CHECK(again.body == "specified service DEFAULT_GROUP@@orders already exists!");
  const auto v2 = c.http().send("POST", service_v2 + orders);
  CHECK(v2.status == 400);
  CHECK(has(v2.body, R"("code":21007)"));
}

TEST_CASE("a service that is created again has what it is created with, and nothing of before") {
  running_server s;
  naming_client c(s);
  c.http().send("POST", service + orders + "&protectThreshold=0.5&metadata=a=1");
  CHECK(c.http().send("DELETE", service + orders).body == "ok");
  CHECK_FALSE(s.cluster->catalogue->find(orders_key));
  c.http().send("POST", service + orders);
  const auto settings = s.cluster->catalogue->find(orders_key)->settings;
  REQUIRE(settings);
  CHECK(*settings == processors::naming::service_settings{});
}

TEST_CASE("a service with instances cannot be deleted, an unknown one neither") {
  running_server s;
  naming_client c(s);
  const auto unknown = c.http().send("DELETE", service + orders);
  CHECK(unknown.status == 400);
  CHECK(unknown.body == "service DEFAULT_GROUP@@orders not found!");
  CHECK(has(c.http().send("DELETE", service_v2 + orders).body, R"("code":21008)"));
  c.enroll();
  const auto full = c.http().send("DELETE", service + orders);
  CHECK(full.status == 400);
  CHECK(full.body ==
        "Service DEFAULT_GROUP@@orders is not empty, can't be delete. Please unregister instance "
        "first");
  CHECK(has(c.http().send("DELETE", service_v2 + orders).body, R"("code":21009)"));
}

TEST_CASE("a change of a service replaces what was set and keeps its clusters") {
  running_server s;
  naming_client c(s);
  const auto unknown = c.http().send("PUT", service + orders + "&protectThreshold=0.5");
  CHECK(unknown.status == 400);
  CHECK(unknown.body == "service DEFAULT_GROUP@@orders not found!");
  c.enroll();
  CHECK(set_cluster(c, unchecked).body == "ok");
  CHECK(c.http().send("PUT", service + orders + "&protectThreshold=0.5&metadata=a=1").body == "ok");
  CHECK(c.http().send("PUT", service + orders + "&protectThreshold=0.25").body == "ok");
  const auto settings = s.cluster->catalogue->find(orders_key)->settings;
  CHECK(settings->protect_threshold == 0.25);
  CHECK(settings->metadata.empty());
  CHECK(settings->clusters.at("DEFAULT").checker.type == "NONE");
  CHECK(settings->clusters.at("DEFAULT").check_port == 81);
  CHECK_FALSE(settings->ephemeral);
}

TEST_CASE("what is set for an ephemeral service says so, since other nodes do not know it") {
  running_server s;
  naming_client c(s);
  c.enroll_ephemeral();
  SECTION("the service") {
    CHECK(c.http().send("PUT", service + orders + "&protectThreshold=0.5").body == "ok");
  }
  SECTION("a cluster") {
    CHECK(set_cluster(c, unchecked).body == "ok");
  }
  const auto known = s.cluster->catalogue->find(orders_key);
  CHECK(known->ephemeral);
  REQUIRE(known->settings);
  CHECK(known->settings->ephemeral);
}

TEST_CASE("a cluster cannot be set for an unknown service, nor to an unknown checker") {
  running_server s;
  naming_client c(s);
  const auto unknown = set_cluster(c, unchecked);
  CHECK(unknown.status == 400);
  CHECK(unknown.body == "service not found:DEFAULT_GROUP@@orders");
  c.enroll();
  const auto bad = set_cluster(c, "&healthChecker=%7B%22type%22%3A%22ICMP%22%7D");
  CHECK(bad.status == 400);
  CHECK(bad.body == "healthChecker: type 'ICMP' is none of TCP, HTTP, MYSQL and NONE");
  CHECK(set_cluster(c, "&healthChecker=x").status == 400);
}

TEST_CASE("health is set by hand only where nobody probes") {
  running_server s;
  naming_client c(s);
  const std::string ill = "/nacos/v1/ns/health" + orders + "&ip=10.0.0.1&port=8080&healthy=false";
  c.enroll();
  const auto refused = c.http().send("PUT", ill);
  CHECK(refused.status == 400);
  CHECK(refused.body ==
        "health check is still working, service: DEFAULT_GROUP@@orders, cluster: DEFAULT");
  set_cluster(c, unchecked);
  CHECK(c.http().send("PUT", ill).body == "ok");
  const auto host = s.cluster->catalogue->find(orders_key)->hosts.at(0);
  CHECK_FALSE(host->healthy);
  CHECK(host->health_since_ms == s.now_ms->load());
  CHECK_FALSE(host->health_reason.empty());
  CHECK(has(c.list("&healthyOnly=true"), R"("hosts":[])"));
  const auto nobody = "/nacos/v1/ns/health" + orders + "&ip=10.0.0.99&port=8080&healthy=false";
  CHECK(c.http().send("PUT", nobody).body == "ok");
}

TEST_CASE("switches are agreed on, or turned on one node, and refuse what they may not be") {
  running_server s;
  naming_client c(s);
  const std::string switches = "/nacos/v1/ns/operator/switches";
  const auto shown = [&] { return c.http().get(switches).body; };
  CHECK(has(shown(), R"("checkTimes":3)"));
  CHECK(c.http().send("PUT", switches + "?entry=healthCheckTimes&value=5").body == "ok");
  CHECK(has(shown(), R"("checkTimes":5)"));
  CHECK(c.http().send("PUT", switches + "?entry=healthCheckTimes&value=7&debug=true").body == "ok");
  CHECK(has(shown(), R"("checkTimes":7)"));
  CHECK(c.http().send("PUT", switches + "?entry=pushEnabled&value=false").body == "ok");
  CHECK(has(shown(), R"("checkTimes":5)"));
  const auto bad = c.http().send("PUT", switches + "?entry=pushCacheMillis&value=9999");
  CHECK(bad.status == 400);
  CHECK(bad.body == "the value of pushCacheMillis is not a number from 10000 to 2147483647");
  CHECK(c.http().send("PUT", switches + "?entry=none&value=1").body ==
        "there is no switch of the name none");
}
