// What operators lay over instances: PUT, PATCH and metadata in batches, of both kinds and in both
// versions of the API.
#include "tests/http/naming_client.hpp"

using namespace troupe;
using test::has;
using test::naming_client;
using test::running_server;
using test::v2_refusal;

namespace {

const std::string kept = "?serviceName=orders&ip=10.0.0.1&port=8080";
const std::string passing = "?serviceName=orders&ip=10.0.0.2&port=8080";
const std::string batch = "/metadata/batch?serviceName=orders";

}  // namespace

TEST_CASE("an update lays weight, enabled and metadata over what was registered") {
  running_server s;
  naming_client c(s);
  const bool ephemeral = GENERATE(false, true);
  ephemeral ? c.enroll_ephemeral("&weight=5&metadata=a=1") : c.enroll("&weight=5&metadata=a=1");
  const auto& one = ephemeral ? passing : kept;
  CHECK(c.call("PUT", one + "&metadata=b=2").body == "ok");
  CHECK(has(c.list(), R"("weight":1.0)"));
  CHECK(has(c.list(), R"("metadata":{"a":"1","b":"2"})"));
  CHECK(c.call("PUT", one + "&weight=3&metadata=c=3").body == "ok");
  CHECK(has(c.list(), R"("weight":3.0)"));
  CHECK(has(c.list(), R"("metadata":{"a":"1","c":"3"})"));
  CHECK(c.call("PUT", one + "&enabled=false").body == "ok");
  CHECK(has(c.list(), R"("hosts":[])"));
}

TEST_CASE("an update of an unknown service is refused") {
  running_server s;
  naming_client c(s);
  const auto r = c.call("PUT", kept + "&namespaceId=dev");
  CHECK(r.status == 400);
  CHECK(r.body == "service not found, namespace: dev, service: DEFAULT_GROUP@@orders");
  const auto v2 = c.call_v2("PUT", kept + "&namespaceId=dev");
  CHECK(v2.status == 400);
  CHECK(v2.body == v2_refusal(21'004, "instance error", r.body));
  CHECK(c.call("PUT", "?ip=a&port=1").body == "Param 'serviceName' is required.");
  CHECK(c.call("PUT", kept + "&weight=-1").body ==
        "instance format invalid: The weights range from 0.0 to 10000.0");
}

TEST_CASE("an update may come before the persistent instance is known here") {
  running_server s;
  naming_client c(s);
  c.http().send("POST", c.v1 + "?serviceName=orders&ip=10.0.0.9&port=1&ephemeral=false");
  CHECK(c.call("PUT", kept + "&weight=4").body == "ok");
  c.enroll();
  CHECK(has(c.list(), R"("ip":"10.0.0.1","port":8080,"weight":4.0)"));
}

TEST_CASE("an update of an ephemeral instance that is not here says so") {
  running_server s;
  naming_client c(s);
  c.enroll_ephemeral();
  const auto r = c.call("PUT", "?serviceName=orders&ip=10.0.0.9&port=1");
  CHECK(r.status == 400);
  CHECK(r.body ==
        "instance not found on this node, namespace: public, service: DEFAULT_GROUP@@orders");
  CHECK(c.call_v2("PUT", "?serviceName=orders&ip=10.0.0.9&port=1").body ==
        v2_refusal(21'003, "instance not found", r.body));
}

TEST_CASE("a patch changes what it names and nothing else") {
  running_server s;
  naming_client c(s);
  const bool ephemeral = GENERATE(false, true);
  ephemeral ? c.enroll_ephemeral("&weight=5&metadata=a=1") : c.enroll("&weight=5&metadata=a=1");
  const auto& one = ephemeral ? passing : kept;
  CHECK(c.call("PATCH", one + "&metadata=b=2&healthy=false").body == "ok");
  CHECK(has(c.list(), R"("weight":5.0,"healthy":true)"));
  CHECK(has(c.list(), R"("metadata":{"a":"1","b":"2"})"));
  CHECK(c.call("PATCH", one + "&weight=7").body == "ok");
  CHECK(has(c.list(), R"("weight":7.0)"));
  CHECK(has(c.list(), R"("metadata":{"a":"1","b":"2"})"));
  CHECK(c.call("PATCH", one + "&metadata=c=3").body == "ok");
  CHECK(has(c.list(), R"("weight":7.0)"));
  CHECK(has(c.list(), R"("metadata":{"a":"1","c":"3"})"));
  CHECK(c.call("PATCH", one + "&enabled=false&cluster=DEFAULT").body == "ok");
  CHECK(has(c.list(), R"("hosts":[])"));
  CHECK(c.call("PATCH", one + "&enable=true").body == "ok");
  CHECK(has(c.list(), R"("weight":7.0,"healthy":true,"enabled":true)"));
}

TEST_CASE("a patch of an unknown instance is 404") {
  running_server s;
  naming_client c(s);
  auto r = c.call("PATCH", kept + "&weight=1");
  CHECK(r.status == 404);
  CHECK(r.body == "no ips found for cluster DEFAULT in service DEFAULT_GROUP@@orders");
  c.enroll();
  r = c.call("PATCH", kept + "&weight=1&clusterName=west");
  CHECK(r.status == 404);
  CHECK(r.body == "no matched ip found!");
  CHECK(c.call_v2("PATCH", kept + "&weight=1&enabled=true&metadata=a=1&clusterName=west").body ==
        v2_refusal(20'004, "resource not found", "no matched ip found!"));
}

TEST_CASE("v2 wants all of a patch and answers it without a Result") {
  running_server s;
  naming_client c(s);
  c.enroll();
  const auto r = c.call_v2("PATCH", kept + "&weight=2&metadata=a=1");
  CHECK(r.status == 400);
  CHECK(r.body == v2_refusal(10'000, "parameter missing",
                             "Required parameter 'enabled' type String is not present"));
  CHECK(c.call_v2("PATCH", kept + "&weight=2&enabled=true&metadata=a=1").body == "ok");
  CHECK(has(c.list(), R"("weight":2.0)"));
  CHECK(c.call_v2("PUT", kept + "&weight=3").body ==
        R"({"code":0,"message":"success","data":"ok"})");
  CHECK(has(c.list(), R"("weight":3.0)"));
}

TEST_CASE("metadata is merged into all instances of a service, or those that are named") {
  running_server s;
  naming_client c(s);
  c.enroll("&metadata=a=1&weight=5");
  c.http().send("POST", c.v1 +
                            "?serviceName=orders&ip=10.0.0.3&port=1&ephemeral=false"
                            "&clusterName=west");
  CHECK(
      c.call("PUT", batch + "&metadata=b=2&consistencyType=persist").body ==
      R"({"updated":["10.0.0.1:8080:unknown:DEFAULT:persist","10.0.0.3:1:unknown:west:persist"]})");
  CHECK(has(c.list(), R"("weight":5.0)"));
  CHECK(has(c.list(), R"("metadata":{"a":"1","b":"2"})"));
  CHECK(has(c.list("&clusters=west"), R"("metadata":{"b":"2"})"));
  const std::string one =
      "&instances=[{%22ip%22:%2210.0.0.1%22,%22port%22:8080},"
      "{%22ip%22:%2210.0.0.3%22,%22port%22:%221%22}]";
  CHECK(c.call("PUT", batch + "&metadata=c=2&instances=[{%22ip%22:%2210.0.0.1%22,%22port%22:8080},"
                              "{%22ip%22:%2210.0.0.1%22,%22port%22:8080}]")
            .body == R"({"updated":["10.0.0.1:8080:unknown:DEFAULT:persist"]})");
  CHECK(c.call("PUT", batch + "&metadata=c=3" + one).body ==
        R"({"updated":["10.0.0.1:8080:unknown:DEFAULT:persist"]})");
  CHECK(has(c.list("&clusters=DEFAULT"), R"("metadata":{"a":"1","b":"2","c":"3"})"));
  CHECK(c.call("DELETE", batch + "&metadata=b=,c=x" + one).status == 400);
  CHECK(c.call("DELETE", batch + "&metadata=b=x,c=x" + one).body ==
        R"({"updated":["10.0.0.1:8080:unknown:DEFAULT:persist"]})");
  CHECK(has(c.list("&clusters=DEFAULT"), R"("metadata":{"a":"1"})"));
  CHECK(has(c.list("&clusters=west"), R"("metadata":{"b":"2"})"));
}

TEST_CASE("a batch of ephemeral instances stays on the node") {
  running_server s;
  naming_client c(s);
  c.enroll_ephemeral("&metadata=a=1");
  s.cluster->fail_with(error{error_code::no_leader, "x", {}});
  CHECK(c.call("PUT", batch + "&metadata=b=2").body ==
        R"({"updated":["10.0.0.2:8080:unknown:DEFAULT:ephemeral"]})");
  CHECK(has(c.list(), R"("metadata":{"a":"1","b":"2"})"));
  CHECK(c.call_v2("DELETE", batch + "&metadata=b=x").body ==
        R"({"code":0,"message":"success","data":)"
        R"({"updated":["10.0.0.2:8080:unknown:DEFAULT:ephemeral"]}})");
  CHECK(has(c.list(), R"("metadata":{"a":"1"})"));
}

TEST_CASE("a batch of the other kind, or of nobody, updates nobody") {
  running_server s;
  naming_client c(s);
  const std::string nobody = R"({"updated":[]})";
  CHECK(c.call("PUT", batch + "&metadata=b=2").body == nobody);
  c.enroll();
  CHECK(c.call("PUT", batch + "&metadata=b=2&consistencyType=ephemeral").body == nobody);
  CHECK(c.call("PUT", batch + "&metadata=b=2&instances=[{%22ip%22:%22x%22,%22port%22:1}]").body ==
        nobody);
  CHECK(has(c.list(), R"("metadata":{})"));
  // What is no list of instances counts as not given.
  CHECK(c.call("PUT", batch + "&metadata=b=2&instances=x").body ==
        R"({"updated":["10.0.0.1:8080:unknown:DEFAULT:persist"]})");
}

TEST_CASE("a batch says what it lacks") {
  running_server s;
  naming_client c(s);
  CHECK(c.call("PUT", "/metadata/batch?metadata=a=1").body == "Param 'serviceName' is required.");
  CHECK(c.call("DELETE", batch).body == "Param 'metadata' is required.");
  CHECK(c.call("PUT", batch + "&metadata=a").body == "metadata format incorrect:a");
  CHECK(c.call_v2("PUT", batch).body ==
        v2_refusal(10'000, "parameter missing",
                   "Required parameter 'metadata' type String is not present"));
  CHECK(c.call_v2("PUT", batch + "&metadata=a").body ==
        v2_refusal(21'002, "instance metadata error", "metadata format incorrect:a"));
}

TEST_CASE("a batch of more instances than one entry takes is written in several") {
  running_server s;
  naming_client c(s);
  const processors::naming::service orders{"public", "DEFAULT_GROUP", "orders"};
  s.cluster->catalogue->service_put(orders, {});
  constexpr std::size_t many = processors::naming::patched_instances_max + 1;
  for (std::size_t i = 0; i < many; ++i) {
    processors::naming::instance each;
    const auto ip = "h" + std::to_string(i);
    each.ip = ip;
    s.cluster->catalogue->instance_put(orders, each);
  }
  s.cluster->catalogue->committed();
  c.call("PUT", batch + "&metadata=b=2");
  std::size_t changed = 0;
  const auto shown = s.cluster->catalogue->find({"public", "DEFAULT_GROUP", "orders"});
  for (const auto& h : shown->hosts) changed += h->metadata.count("b");
  CHECK(changed == many);
}

TEST_CASE("failed overlays are 500 with the name of their group") {
  running_server s;
  naming_client c(s);
  c.enroll();
  s.cluster->fail_with(error{error_code::no_leader, "x", {}});
  const std::string sentence =
      "The Raft Group [naming_instance_metadata] did not find the Leader node";
  for (const auto* method : {"PUT", "PATCH"}) {
    const auto r = c.call(method, kept + "&weight=2");
    CHECK(r.status == 500);
    CHECK(r.body == "caused: " + sentence + ";");
  }
  const auto r = c.call_v2("PUT", batch + "&metadata=a=1");
  CHECK(r.status == 500);
  CHECK(r.body == v2_refusal(30'000, "server error", sentence));
}
