// The naming API as a whole: failures, unknown paths, the catalogue.
#include "tests/http/naming_client.hpp"

using namespace troupe;
using test::has;
using test::naming_client;
using test::running_server;

TEST_CASE("the catalogue pages through all instances, also disabled ones") {
  running_server s;
  naming_client c(s);
  const std::string catalog = "/nacos/v1/ns/catalog/instances?";
  CHECK(
      c.http().get(catalog + "serviceName=orders&clusterName=DEFAULT&pageNo=1&pageSize=2").status ==
      404);
  for (int i = 1; i <= 3; ++i) {
    c.http().send("POST", c.v1 + "?serviceName=orders&ip=10.0.0." + std::to_string(i) +
                              "&port=1&ephemeral=false&healthy=false&enabled=false");
  }
  const auto first =
      c.http().get(catalog + "serviceName=orders&clusterName=DEFAULT&pageNo=1&pageSize=2").body;
  CHECK(first.rfind(R"({"list":[{"instanceId":"10.0.0.1#1#DEFAULT#DEFAULT_GROUP@@orders",)", 0) ==
        0);
  CHECK(has(first, R"("healthy":false,"enabled":false,"ephemeral":false)"));
  CHECK(has(first, "10.0.0.2#1"));
  CHECK_FALSE(has(first, "10.0.0.3#1"));
  CHECK(has(first, R"(],"count":3})"));
  const auto second =
      c.http().get(catalog + "serviceName=orders&clusterName=DEFAULT&pageNo=2&pageSize=2").body;
  CHECK(has(second, "10.0.0.3#1"));
  CHECK(c.http().get(catalog + "serviceName=orders&clusterName=DEFAULT&pageNo=9&pageSize=2").body ==
        R"({"list":[],"count":3})");
  for (const auto* missing : {"serviceName", "clusterName", "pageNo", "pageSize"}) {
    std::string q = "serviceName=orders&clusterName=DEFAULT&pageNo=1&pageSize=2";
    q.replace(q.find(missing), 1, "x");
    const auto r = c.http().get(catalog + q);
    CHECK(r.status == 400);
    CHECK(r.body == "Parameter '" + std::string(missing) + "' is missing");
  }
}

TEST_CASE("naming reads are answered without a leader") {
  running_server s;
  naming_client c(s);
  c.enroll();
  s.cluster->fail_with(error{error_code::no_leader, "x", {}});
  CHECK(has(c.list(), "10.0.0.1"));
  CHECK(c.call("GET", "?serviceName=orders&ip=10.0.0.1&port=8080").status == 200);
  CHECK(c.call("GET", "/statuses?key=DEFAULT_GROUP@@orders").body ==
        R"({"ips":["10.0.0.1:8080_true"]})");
  CHECK(has(c.http()
                .get("/nacos/v1/ns/catalog/instances?serviceName=orders&clusterName=DEFAULT"
                     "&pageNo=1&pageSize=9")
                .body,
            R"("count":1)"));
}

TEST_CASE("failed writes are 500 in plain text, so that clients try the next server") {
  running_server s;
  naming_client c(s);
  const std::string sentence =
      "caused: The Raft Group [naming_persistent_service_v2] did not find the Leader node;";
  for (const auto code : {error_code::no_leader, error_code::not_leader}) {
    s.cluster->fail_with(error{code, "x", {}});
    const auto r = c.enroll();
    CHECK(r.status == 500);
    CHECK(r.body == sentence);
    CHECK(r.header("Content-Type") == "text/plain;charset=UTF-8");
    CHECK(c.http().send("DELETE", c.v1 + "?serviceName=a&ip=b&port=1").body == sentence);
  }
  s.cluster->fail_with(error{error_code::outcome_unknown, "timed out", {}});
  CHECK(c.enroll().status == 500);
  CHECK(c.enroll().body == "caused: timed out;");
  s.cluster->fail_with(error{error_code::overloaded, "", {}});
  CHECK(c.enroll().status == 500);
  CHECK(c.enroll().body == "caused: overloaded;");
  s.cluster->fail_with(error{error_code::refused, "Persistent client operation failed. x", {}});
  CHECK(c.enroll().body == "caused: Persistent client operation failed. x;");
  CHECK(c.enroll().status == 500);
  const std::string mixing =
      "errCode: 400, errMsg: Current service g@@s is ephemeral service, can't register "
      "persistent instance. ";
  s.cluster->fail_with(error{error_code::refused, mixing, {}});
  CHECK(c.enroll().status == 400);
  CHECK(c.enroll().body == mixing);
}

TEST_CASE("an unknown method or path of the naming API is 501 with its name") {
  running_server s;
  naming_client c(s);
  const auto r = c.http().send("LINK", c.v1 + "?serviceName=a");
  CHECK(r.status == 501);
  CHECK(r.body == "no such api:LINK:/nacos/v1/ns/instance");
  CHECK(c.http().get("/nacos/v1/ns/nothing").body == "no such api:GET:/nacos/v1/ns/nothing");
  CHECK(c.http().get("/nacos/v1/nsx").status == 404);
  CHECK(c.http().get("/nacos/v9").status == 404);
}
