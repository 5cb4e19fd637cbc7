// Instances over the v2 API: the same in a Result, refusals with their codes; and the v3 aliases.
#include "tests/http/naming_client.hpp"

using namespace troupe;
using test::has;
using test::naming_client;
using test::running_server;
using test::v2_refusal;

namespace {

const std::string ok = R"({"code":0,"message":"success","data":"ok"})";
const std::string base = "?serviceName=orders&ip=10.0.0.1&port=8080";
const std::string kept = base + "&ephemeral=false";

std::string refused(const test::http_reply& r, unsigned status = 400) {
  CHECK(r.status == status);
  return r.body;
}

}  // namespace

TEST_CASE("v2 registers, lists and deregisters in a Result") {
  running_server s;
  naming_client c(s);
  CHECK(c.call_v2("POST", kept + "&groupName=g&namespaceId=dev").body == ok);
  const auto listed =
      c.call_v2("GET", "/list?serviceName=orders&groupName=g&namespaceId=dev&clusterName=DEFAULT");
  CHECK(listed.header("Content-Type") == "application/json");
  CHECK(has(listed.body, R"({"code":0,"message":"success","data":{"name":"g@@orders",)"
                         R"("groupName":"g","clusters":"DEFAULT","cacheMillis":10000,"hosts":[{)"
                         R"("instanceId":"10.0.0.1#8080#DEFAULT#g@@orders",)"));
  CHECK(has(listed.body, R"("valid":true}})"));
  CHECK(has(c.call_v2("GET", "/list?serviceName=g@@orders&namespaceId=dev&clusterName=west").body,
            R"("hosts":[])"));
  CHECK(c.call_v2("DELETE", kept + "&groupName=g&namespaceId=dev").body == ok);
  CHECK(has(c.call_v2("GET", "/list?serviceName=orders&groupName=g&namespaceId=dev").body,
            R"("hosts":[])"));
}

TEST_CASE("v2 shows one instance, or says why not") {
  running_server s;
  naming_client c(s);
  CHECK(refused(c.call_v2("GET", base), 404) ==
        v2_refusal(20'004, "resource not found",
                   "no ips found for cluster DEFAULT in service DEFAULT_GROUP@@orders"));
  c.enroll("&metadata=a=1");
  CHECK(c.call_v2("GET", base).body ==
        R"({"code":0,"message":"success","data":{"serviceName":"DEFAULT_GROUP@@orders",)"
        R"("ip":"10.0.0.1","port":8080,"clusterName":"DEFAULT","weight":1.0,"healthy":true,)"
        R"("instanceId":"10.0.0.1#8080#DEFAULT#DEFAULT_GROUP@@orders","metadata":{"a":"1"}}})");
  CHECK(refused(c.call_v2("GET", base + "&clusterName=west"), 404) ==
        v2_refusal(20'004, "resource not found", "no matched ip found!"));
}

TEST_CASE("v2 says which parameter is missing") {
  running_server s;
  naming_client c(s);
  const auto missing = [](const std::string& name) {
    return v2_refusal(10'000, "parameter missing",
                      "Required parameter '" + name + "' type String is not present");
  };
  for (const auto* method : {"POST", "DELETE", "GET"}) {
    CHECK(refused(c.call_v2(method, "?ip=a&port=1")) == missing("serviceName"));
    CHECK(refused(c.call_v2(method, "?serviceName=s&port=1")) == missing("ip"));
    CHECK(refused(c.call_v2(method, "?serviceName=s&ip=a")) == missing("port"));
  }
  CHECK(refused(c.call_v2("GET", "/list")) == missing("serviceName"));
  CHECK(refused(c.call_v2("PUT", "/beat")) == missing("serviceName"));
}

TEST_CASE("v2 refuses with the code of the rule") {
  running_server s;
  naming_client c(s);
  CHECK(refused(c.call_v2("POST", kept + "&weight=10001")) ==
        v2_refusal(21'001, "weight error",
                   "instance format invalid: The weights range from 0.0 to 10000.0"));
  CHECK(has(refused(c.call_v2("POST", kept + "&weight=heavy")), R"({"code":20002,)"));
  CHECK(refused(c.call_v2("POST", kept + "&metadata=a")) ==
        v2_refusal(21'002, "instance metadata error", "metadata format incorrect:a"));
  CHECK(refused(c.call_v2("POST", kept + "&clusterName=a_b")) ==
        v2_refusal(
            21'004, "instance error",
            "Instance 'clusterName' should be characters with only 0-9a-zA-Z-. (current: a_b)"));
  CHECK(has(refused(c.call_v2("POST", kept + "&metadata=preserved.heart.beat.timeout=1")),
            R"({"code":21004,)"));
  // The checks on lengths and characters come before the API and answer in plain words (C.2).
  CHECK(refused(c.call_v2("POST", kept + "&namespaceId=a.b")) ==
        "Param 'namespaceId/tenant' is illegal, illegal characters should not appear in the "
        "param.");
  c.enroll();
  CHECK(refused(c.call_v2("POST", base)) ==
        v2_refusal(
            30'000, "server error",
            "errCode: 400, errMsg: Current service DEFAULT_GROUP@@orders is persistent service, "
            "can't register ephemeral instance. "));
}

TEST_CASE("v2 writes that failed are 500 with code 30000") {
  running_server s;
  naming_client c(s);
  s.cluster->fail_with(error{error_code::no_leader, "x", {}});
  CHECK(refused(c.call_v2("POST", kept), 500) ==
        v2_refusal(30'000, "server error",
                   "The Raft Group [naming_persistent_service_v2] did not find the Leader node"));
  s.cluster->fail_with(error{error_code::outcome_unknown, "timed out", {}});
  CHECK(refused(c.call_v2("DELETE", kept), 500) == v2_refusal(30'000, "server error", "timed out"));
}

TEST_CASE("v2 beats are answered without a Result") {
  running_server s;
  naming_client c(s);
  CHECK(c.call_v2("PUT", "/beat?serviceName=orders&ip=10.0.0.1&port=8080").body ==
        R"({"clientBeatInterval":5000,"code":20404,"lightBeatEnabled":true})");
  CHECK(c.call_v2("POST", base).body == ok);
  CHECK(c.call_v2("PUT", "/beat?serviceName=orders&ip=10.0.0.1&port=8080").body ==
        R"({"clientBeatInterval":5000,"code":10200,"lightBeatEnabled":true})");
}

TEST_CASE("v3 clients register, beat and list hosts") {
  running_server s;
  naming_client c(s);
  const std::string v3 = "/nacos/v3/client/ns/instance";
  const auto unknown = c.http().send("POST", v3 + base + "&heartBeat=true");
  CHECK(unknown.status == 200);
  CHECK(unknown.body == R"({"code":21003,"message":"instance not found","data":null})");
  CHECK(c.http().send("POST", v3 + base).body == ok);
  CHECK(c.http().send("POST", v3 + base + "&heartBeat=true").body == ok);
  const auto hosts = c.http().get(v3 + "/list?serviceName=orders").body;
  CHECK(has(hosts, R"({"code":0,"message":"success","data":[{"instanceId":"10.0.0.1#8080#)"));
  CHECK(has(hosts, R"("instanceIdGenerator":"simple"}]})"));
  CHECK(c.http().send("DELETE", v3 + base).body == ok);
  CHECK(c.http().get(v3 + "/list?serviceName=orders").body ==
        R"({"code":0,"message":"success","data":[]})");
  c.enroll();
  CHECK(c.http().send("POST", v3 + base + "&heartBeat=true").status == 400);
}
