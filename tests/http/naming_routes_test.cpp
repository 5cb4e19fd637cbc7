// Nacos's routes for persistent instances, byte for byte as its clients read them.
#include "tests/http/running_server.hpp"

using namespace troupe;
using test::http_client;
using test::running_server;

namespace {

const std::string instance = "/nacos/v1/ns/instance";

test::http_reply enroll(http_client& c, const std::string& more = {},
                        const std::string& service = "orders") {
  return c.send("POST", instance + "?serviceName=" + service +
                            "&ip=10.0.0.1&port=8080&ephemeral=false" + more);
}

std::string list(http_client& c, const std::string& more = {}) {
  return c.get(instance + "/list?serviceName=orders" + more).body;
}

bool has(const std::string& body, const std::string& part) {
  return body.find(part) != std::string::npos;
}

std::uint64_t last_ref_time(const std::string& body) {
  const std::string key = "\"lastRefTime\":";
  return std::stoull(body.substr(body.find(key) + key.size()));
}

}  // namespace

TEST_CASE("a registration is answered with exactly ok and shows in the list") {
  running_server s;
  auto c = s.connect();
  const auto r = enroll(c);
  CHECK(r.status == 200);
  CHECK(r.body == "ok");
  CHECK(r.header("Content-Type") == "text/plain;charset=UTF-8");
  const auto l = c.get(instance + "/list?serviceName=orders");
  CHECK(l.header("Content-Type") == "application/json;charset=UTF-8");
  CHECK(
      l.body ==
      R"({"name":"DEFAULT_GROUP@@orders","groupName":"DEFAULT_GROUP","clusters":"",)"
      R"("cacheMillis":10000,"hosts":[{"instanceId":"10.0.0.1#8080#DEFAULT#DEFAULT_GROUP@@orders",)"
      R"("ip":"10.0.0.1","port":8080,"weight":1.0,"healthy":true,"enabled":true,)"
      R"("ephemeral":false,"clusterName":"DEFAULT","serviceName":"DEFAULT_GROUP@@orders",)"
      R"("metadata":{},"instanceHeartBeatInterval":5000,"instanceHeartBeatTimeOut":15000,)"
      R"("ipDeleteTimeout":30000,"instanceIdGenerator":"simple"}],)"
      R"("lastRefTime":1700000000000,"checksum":"","allIPs":false,)"
      R"("reachProtectionThreshold":false,"valid":true})");
}

TEST_CASE("the list of an unknown service is empty, not an error") {
  running_server s;
  CHECK(s.get(instance + "/list?serviceName=g@@none&clusters=a,b").body ==
        R"({"name":"g@@none","groupName":"g","clusters":"a,b","cacheMillis":10000,"hosts":[],)"
        R"("lastRefTime":0,"checksum":"","allIPs":false,"reachProtectionThreshold":false,)"
        R"("valid":true})");
}

TEST_CASE("parameters come from query, from form and from both, the query first") {
  running_server s;
  auto c = s.connect();
  const auto form = c.form("POST", instance,
                           "serviceName=orders&ip=10.0.0.1&port=8080&ephemeral=false"
                           "&metadata=%7B%22zone%22%3A%22a+b%22%7D");
  CHECK(form.body == "ok");
  CHECK(has(list(c), R"("metadata":{"zone":"a b"})"));
  CHECK(c.form("POST", instance + "?serviceName=orders&ip=10.0.0.2&port=1",
               "ip=10.0.0.3&port=2&ephemeral=false")
            .body == "ok");
  CHECK(has(list(c), R"("ip":"10.0.0.2","port":1,)"));
  CHECK_FALSE(has(list(c), "10.0.0.3"));
  // A body that is no form is no parameters.
  CHECK(c.send("POST", instance + "?serviceName=orders&ip=10.0.0.9&port=1", "ephemeral=false",
               {{"Content-Type", "text/plain"}})
            .status == 400);
}

TEST_CASE("values are trimmed and blank ones take their default") {
  running_server s;
  auto c = s.connect();
  CHECK(enroll(c, "&namespaceId=&groupName=%20&clusterName=&weight=&enabled=&metadata=%20").body ==
        "ok");
  CHECK(has(list(c, "&namespaceId=public&groupName=%20DEFAULT_GROUP%20"), R"("ip":"10.0.0.1")"));
}

TEST_CASE("services are told apart by namespace and service group") {
  running_server s;
  auto c = s.connect();
  enroll(c, "&namespaceId=dev&groupName=g");
  CHECK(has(list(c), R"("hosts":[])"));
  CHECK(has(list(c, "&namespaceId=dev"), R"("hosts":[])"));
  CHECK(has(list(c, "&namespaceId=dev&groupName=g"), R"("name":"g@@orders","groupName":"g",)"));
  // A name that carries its group wins over groupName.
  CHECK(has(c.get(instance + "/list?serviceName=g@@orders&groupName=other&namespaceId=dev").body,
            R"("serviceName":"g@@orders")"));
}

TEST_CASE("both spellings of enabled are understood, and every spelling of a boolean") {
  running_server s;
  auto c = s.connect();
  for (const auto* off : {"&enabled=false", "&enable=false", "&enabled=No", "&enable=OFF",
                          "&enabled=f&enable=true"}) {
    enroll(c, off);
    CHECK(has(list(c), R"("hosts":[])"));
    enroll(c, "&enabled=True&enable=false");
    CHECK(has(list(c), R"("enabled":true)"));
  }
  enroll(c, "&enabled=nonsense");  // counts as not given
  CHECK(has(list(c), R"("enabled":true)"));
}

TEST_CASE("clusters select and are echoed byte for byte") {
  running_server s;
  auto c = s.connect();
  enroll(c, "&clusterName=west");
  c.send("POST", instance + "?serviceName=orders&ip=10.0.0.2&port=1&ephemeral=false&cluster=east");
  const auto both = list(c, "&clusters=west%2C%20east,,none");
  CHECK(has(both, R"("clusters":"west, east,,none")"));
  CHECK(has(both, "10.0.0.1#8080#west"));
  CHECK(has(both, "10.0.0.2#1#east"));
  CHECK_FALSE(has(list(c, "&clusters=east"), "10.0.0.1"));
  CHECK(has(list(c, "&clusters=DEFAULT"), R"("hosts":[])"));
  std::string many = "&clusters=";
  for (int i = 0; i < 1'025; ++i) many += "c,";
  CHECK(list(c, many) == "Param 'clusters' is illegal, it names more than 1024 clusters.");
}

TEST_CASE("unhealthy hosts are listed unless healthyOnly, disabled ones never") {
  running_server s;
  auto c = s.connect();
  enroll(c, "&healthy=false&weight=0.5");
  CHECK(has(list(c), R"("weight":0.5,"healthy":false)"));
  CHECK(has(list(c, "&healthyOnly=True"), R"("hosts":[])"));
  CHECK(has(list(c, "&healthyOnly=yes"), R"("healthy":false)"));
}

TEST_CASE("weights always have a decimal point") {
  running_server s;
  auto c = s.connect();
  enroll(c, "&weight=10000");
  CHECK(has(list(c), R"("weight":10000.0,)"));
  enroll(c, "&weight=0");
  CHECK(has(list(c), R"("weight":0.0,)"));
  enroll(c, "&weight=1e2");
  CHECK(has(list(c), R"("weight":100.0,)"));
}

TEST_CASE("metadata is a JSON object or pairs, and its reserved keys show in the host") {
  running_server s;
  auto c = s.connect();
  enroll(c,
         "&metadata=%7B%22preserved.heart.beat.interval%22%3A%221000%22%2C%22preserved.heart."
         "beat.timeout%22%3A3000%2C%22preserved.ip.delete.timeout%22%3A%224000%22%7D");
  CHECK(has(list(c), R"("instanceHeartBeatInterval":1000,"instanceHeartBeatTimeOut":3000,)"
                     R"("ipDeleteTimeout":4000)"));
  enroll(c, "&metadata=b=2,a=1");
  CHECK(has(list(c), R"("metadata":{"a":"1","b":"2"})"));
}

TEST_CASE("a generated instance id is made once, by the proposer") {
  running_server s;
  auto c = s.connect();
  enroll(c, "&metadata=preserved.instance.id.generator=snowflake");
  const auto body = list(c);
  CHECK(has(body, R"("instanceIdGenerator":"snowflake")"));
  CHECK(has(body, "#DEFAULT#DEFAULT_GROUP@@orders\",\"ip\""));
  CHECK_FALSE(has(body, "10.0.0.1#8080#"));
  CHECK(list(c) == body);
}

TEST_CASE("registering again replaces, but keeps the committed health") {
  running_server s;
  auto c = s.connect();
  enroll(c, "&healthy=false");
  enroll(c, "&healthy=true&weight=2");
  CHECK(has(list(c), R"("weight":2.0,"healthy":false)"));
  enroll(c, "&clusterName=west");
  CHECK(has(list(c), "10.0.0.1#8080#west"));
  CHECK_FALSE(has(list(c), "10.0.0.1#8080#DEFAULT"));
}

TEST_CASE("lastRefTime rises with each change and stays while nothing changes") {
  running_server s;
  auto c = s.connect();
  enroll(c);
  const auto first = last_ref_time(list(c));
  *s.now_ms += 5'000;
  enroll(c);  // the same again
  CHECK(last_ref_time(list(c)) == first);
  enroll(c, "&weight=2");
  const auto second = last_ref_time(list(c));
  CHECK(second == first + 5'000);
  *s.now_ms -= 60'000;  // another proposer's clock
  enroll(c, "&weight=3");
  CHECK(last_ref_time(list(c)) > second);
  c.send("DELETE", instance + "?serviceName=orders&ip=10.0.0.1&port=8080");
  CHECK(last_ref_time(list(c)) > second + 1);
}

TEST_CASE("ephemeral registrations are refused in plain words") {
  running_server s;
  auto c = s.connect();
  const std::string base = instance + "?serviceName=orders&ip=10.0.0.1&port=8080";
  for (const auto* kind : {"", "&ephemeral=true", "&ephemeral=", "&ephemeral=maybe"}) {
    const auto r = c.send("POST", base + kind);
    CHECK(r.status == 400);
    CHECK(r.body == "Only persistent instances are served so far: register with ephemeral=false.");
  }
  CHECK(has(list(c), R"("hosts":[])"));
  CHECK(c.send("POST", base + "&ephemeral=False").body == "ok");
}

TEST_CASE("a deregistration is ok also when nothing was registered") {
  running_server s;
  auto c = s.connect();
  const std::string target = instance + "?serviceName=orders&ip=10.0.0.1&port=8080";
  CHECK(c.send("DELETE", target + "&ephemeral=false").body == "ok");
  enroll(c);
  SECTION("for a persistent instance by name") {
    CHECK(c.form("DELETE", instance, "serviceName=orders&ip=10.0.0.1&port=8080&ephemeral=false")
              .body == "ok");
    CHECK(has(list(c), R"("hosts":[])"));
  }
  SECTION("without saying which kind: the persistent one goes") {
    CHECK(c.send("DELETE", target).body == "ok");
    CHECK(has(list(c), R"("hosts":[])"));
  }
  SECTION("an explicit true keeps its meaning: the persistent one stays") {
    CHECK(c.send("DELETE", target + "&ephemeral=true").body == "ok");
    CHECK(has(list(c), "10.0.0.1"));
  }
}

TEST_CASE("one instance is shown, or told why not") {
  running_server s;
  auto c = s.connect();
  const std::string one = instance + "?serviceName=orders&ip=10.0.0.1&port=8080";
  auto r = c.get(one);
  CHECK(r.status == 404);
  CHECK(r.body == "no ips found for cluster DEFAULT in service DEFAULT_GROUP@@orders");
  enroll(c, "&metadata=a=1");
  r = c.get(one);
  CHECK(r.status == 200);
  CHECK(r.body ==
        R"({"service":"DEFAULT_GROUP@@orders","ip":"10.0.0.1","port":8080,)"
        R"("clusterName":"DEFAULT","weight":1.0,"healthy":true,)"
        R"("instanceId":"10.0.0.1#8080#DEFAULT#DEFAULT_GROUP@@orders","metadata":{"a":"1"}})");
  r = c.get(one + "&cluster=west");
  CHECK(r.status == 404);
  CHECK(r.body == "no matched ip found!");
  CHECK(c.get(instance + "?serviceName=orders&ip=10.0.0.9&port=8080").body ==
        "no matched ip found!");
}

TEST_CASE("the catalogue pages through all instances, also disabled ones") {
  running_server s;
  auto c = s.connect();
  const std::string catalog = "/nacos/v1/ns/catalog/instances?";
  CHECK(c.get(catalog + "serviceName=orders&clusterName=DEFAULT&pageNo=1&pageSize=2").status ==
        404);
  for (int i = 1; i <= 3; ++i) {
    c.send("POST", instance + "?serviceName=orders&ip=10.0.0." + std::to_string(i) +
                       "&port=1&ephemeral=false&healthy=false&enabled=false");
  }
  const auto first =
      c.get(catalog + "serviceName=orders&clusterName=DEFAULT&pageNo=1&pageSize=2").body;
  CHECK(first.rfind(R"({"list":[{"instanceId":"10.0.0.1#1#DEFAULT#DEFAULT_GROUP@@orders",)", 0) ==
        0);
  CHECK(has(first, R"("healthy":false,"enabled":false,"ephemeral":false)"));
  CHECK(has(first, "10.0.0.2#1"));
  CHECK_FALSE(has(first, "10.0.0.3#1"));
  CHECK(has(first, R"(],"count":3})"));
  const auto second =
      c.get(catalog + "serviceName=orders&clusterName=DEFAULT&pageNo=2&pageSize=2").body;
  CHECK(has(second, "10.0.0.3#1"));
  CHECK(c.get(catalog + "serviceName=orders&clusterName=DEFAULT&pageNo=9&pageSize=2").body ==
        R"({"list":[],"count":3})");
  for (const auto* missing : {"serviceName", "clusterName", "pageNo", "pageSize"}) {
    std::string q = "serviceName=orders&clusterName=DEFAULT&pageNo=1&pageSize=2";
    q.replace(q.find(missing), 1, "x");
    const auto r = c.get(catalog + q);
    CHECK(r.status == 400);
    CHECK(r.body == "Parameter '" + std::string(missing) + "' is missing");
  }
}

TEST_CASE("naming reads are local, so that they are served without a leader") {
  running_server s;
  auto c = s.connect();
  for (const auto& target :
       {instance + "/list?serviceName=a", instance + "?serviceName=a&ip=b&port=1",
        std::string("/nacos/v1/ns/catalog/instances?serviceName=a&clusterName=b&pageNo=1&"
                    "pageSize=1")}) {
    c.get(target);
    CHECK(s.cluster->last_asked().query);
    CHECK(s.cluster->last_asked().consistency == consistency::local);
    CHECK(s.cluster->last_asked().group == "naming_persistent_service_v2");
  }
}

TEST_CASE("failed writes are 500 in plain text, so that clients try the next server") {
  running_server s;
  auto c = s.connect();
  const std::string sentence =
      "caused: The Raft Group [naming_persistent_service_v2] did not find the Leader node;";
  for (const auto code : {error_code::no_leader, error_code::not_leader}) {
    s.cluster->fail_with(error{code, "x", {}});
    const auto r = enroll(c);
    CHECK(r.status == 500);
    CHECK(r.body == sentence);
    CHECK(r.header("Content-Type") == "text/plain;charset=UTF-8");
    CHECK(c.send("DELETE", instance + "?serviceName=a&ip=b&port=1").body == sentence);
  }
  s.cluster->fail_with(error{error_code::outcome_unknown, "timed out", {}});
  CHECK(enroll(c).status == 500);
  CHECK(enroll(c).body == "caused: timed out;");
  s.cluster->fail_with(error{error_code::overloaded, "", {}});
  CHECK(enroll(c).status == 500);
  CHECK(enroll(c).body == "caused: overloaded;");
  s.cluster->fail_with(error{error_code::refused, "Persistent client operation failed. x", {}});
  CHECK(enroll(c).body == "caused: Persistent client operation failed. x;");
  CHECK(enroll(c).status == 500);
  const std::string mixing =
      "errCode: 400, errMsg: Current service g@@s is ephemeral service, can't register "
      "persistent instance. ";
  s.cluster->fail_with(error{error_code::refused, mixing, {}});
  CHECK(enroll(c).status == 400);
  CHECK(enroll(c).body == mixing);
  CHECK(c.get(instance + "/list?serviceName=a").status == 500);
}

TEST_CASE("an unknown method or path of the naming API is 501 with its name") {
  running_server s;
  auto c = s.connect();
  const auto r = c.send("PATCH", instance + "?serviceName=a");
  CHECK(r.status == 501);
  CHECK(r.body == "no such api:PATCH:/nacos/v1/ns/instance");
  CHECK(c.get("/nacos/v1/ns/nothing").body == "no such api:GET:/nacos/v1/ns/nothing");
  CHECK(c.get("/nacos/v1/nsx").status == 404);
  CHECK(c.get("/nacos/v9").status == 404);
}
