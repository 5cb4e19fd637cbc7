// The nodes of the cluster as Nacos's interface shows them. nacos-spec A.8, C.5.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/http/running_server.hpp"

using namespace troupe;
using namespace troupe::test;
using nlohmann::json;

namespace {

const std::string v1 = "/nacos/v1/core/cluster";
const std::string v2 = "/nacos/v2/core/cluster";

group_status led_by(const std::string& name, std::uint64_t leader, const std::string& address) {
  group_status g;
  g.name = name;
  g.core.soft.leader = raft::node_id{leader};
  g.core.soft.term = raft::term{3};
  g.core.peers = raft::make_configuration({raft::node_id{7}, raft::node_id{8}});
  g.leader_address = address;
  return g;
}

/// Two nodes, of which the second has announced where it serves HTTP.
struct pair_of_nodes {
  running_server server;

  pair_of_nodes() {
    auto& shown = server.cluster->shown;
    shown.id = raft::node_id{7};
    shown.members = {{raft::node_id{7}, "10.0.0.7:7848"}, {raft::node_id{8}, "10.0.0.8:7848"}};
    shown.groups = {led_by("kv", 8, "10.0.0.8:7848"), led_by("naming_x", 0, "")};
    announce("10.0.0.8:8848");
  }

  void announce(std::string_view address) const {
    server.cluster->servers->put(raft::node_id{8}, {address, "2.5.1", raft::log_index{1}});
  }
  [[nodiscard]] json data(const std::string& target) const {
    const auto r = server.get(target);
    CHECK(r.status == 200);
    return json::parse(r.body)["data"];
  }
  [[nodiscard]] std::string state_of_other() const {
    return data(v1 + "/nodes?keyword=10.0.0.8")[0]["state"];
  }
};

}  // namespace

TEST_CASE_METHOD(pair_of_nodes, "a node shows itself as a member", "[cluster]") {
  CHECK(server.get(v1 + "/self").body ==
        R"({"code":200,"message":null,"data":{"ip":"10.0.0.7","port":8848,"state":"UP",)"
        R"("extendInfo":{"lastRefreshTime":1700000000000,"raftPort":"7848",)"
        R"("raftAddress":"10.0.0.7:7848","nodeId":7,"readyToUpgrade":true,"version":"2.5.1",)"
        R"("raftMetaData":{"metaDataMap":{)"
        R"("kv":{"leader":"10.0.0.8:7848","leaderKnown":true,)"
        R"("raftGroupMember":["10.0.0.7:7848","10.0.0.8:7848"],"term":3},)"
        R"("naming_x":{"leader":"unknown","leaderKnown":false,)"
        R"("raftGroupMember":["10.0.0.7:7848","10.0.0.8:7848"],"term":3}}}},)"
        R"("address":"10.0.0.7:8848","failAccessCnt":0,"abilities":{"remoteAbility":)"
        R"({"supportRemoteConnection":false,"grpcReportEnabled":false},"configAbility":)"
        R"({"supportRemoteMetrics":false},"namingAbility":{"supportJraft":true}},)"
        R"("grpcReportEnabled":false}})");
  CHECK(data(v2 + "/node/self")["address"] == "10.0.0.7:8848");
  CHECK(data(v1 + "/health") == "UP");
  CHECK(data(v2 + "/node/self/health") == "UP");
  server.cluster->reasons = {"kv: no leader"};
  CHECK(data(v1 + "/health") == "STARTING");
}

TEST_CASE_METHOD(pair_of_nodes, "all nodes are listed with their HTTP addresses", "[cluster]") {
  CHECK(data(v1 + "/simple/nodes") == json({"10.0.0.7:8848", "10.0.0.8:8848"}));
  CHECK(data(v1 + "/nodes").size() == 2);
  CHECK(data(v1 + "/nodes?keyword=10.0.0.8")[0]["ip"] == "10.0.0.8");
  CHECK(data(v1 + "/nodes?keyword=10.0.0.9").empty());
  CHECK(server.get("/nacos/serverlist").body == "10.0.0.7:8848\n10.0.0.8:8848\n");
}

TEST_CASE_METHOD(pair_of_nodes, "a node that moved is shown where it is now", "[cluster]") {
  announce("10.0.0.99:8849");
  CHECK(data(v1 + "/simple/nodes") == json({"10.0.0.7:8848", "10.0.0.99:8849"}));
}

TEST_CASE_METHOD(pair_of_nodes, "a node that has not announced itself is shown by its peer address",
                 "[cluster]") {
  server.cluster->servers->erased(raft::node_id{8});
  CHECK(data(v1 + "/simple/nodes") == json({"10.0.0.7:8848", "10.0.0.8:8848"}));
  CHECK(state_of_other() == "STARTING");
}

TEST_CASE_METHOD(pair_of_nodes, "a node is suspicious when it misses reports, then down, then up",
                 "[cluster]") {
  auto& servers = *server.cluster->servers;
  for (int i = 0; i < 3; ++i) {
    servers.missed(raft::node_id{8}, false);
    CHECK(state_of_other() == "SUSPICIOUS");
  }
  servers.missed(raft::node_id{8}, false);
  CHECK(state_of_other() == "DOWN");
  servers.reached(raft::node_id{8}, 5);
  CHECK(state_of_other() == "UP");
  servers.missed(raft::node_id{8}, true);  // nobody listens: nothing to wait for
  CHECK(state_of_other() == "DOWN");
  CHECK(data(v2 + "/node/list?state=DOWN").size() == 1);
  CHECK(data(v2 + "/node/list?state=UP&address=10.0").size() == 1);
}

TEST_CASE_METHOD(pair_of_nodes, "a state that there is not is refused", "[cluster]") {
  const auto r = server.get(v2 + "/node/list?state=HAPPY");
  CHECK(r.status == 400);
  CHECK(r.body == R"({"code":23000,"message":"illegal state","data":"Illegal state: HAPPY"})");
  CHECK(data(v2 + "/node/list?state=ISOLATION").empty());
}

TEST_CASE_METHOD(pair_of_nodes, "what a node reports of its groups is shown, and that it is up",
                 "[cluster]") {
  const std::string report =
      R"({"address":"10.0.0.8:8848","extendInfo":{"raftMetaData":{"metaDataMap":{"kv":)"
      R"({"leader":"10.0.0.8:7848","raftGroupMember":[],"term":9}}}}})";
  CHECK(server.send("POST", v1 + "/report", report).body ==
        R"({"code":200,"message":null,"data":true})");
  const auto other = data(v1 + "/nodes?keyword=10.0.0.8")[0];
  CHECK(other["state"] == "UP");
  CHECK(other["extendInfo"]["lastRefreshTime"] == 1'700'000'000'000);
  CHECK(other["extendInfo"]["raftMetaData"]["metaDataMap"]["kv"]["term"] == 9);
  CHECK(server.send("PUT", v2 + "/node/list", "[" + report + "]").body ==
        R"({"code":0,"message":"success","data":true})");
}

TEST_CASE_METHOD(pair_of_nodes, "a report of nobody changes nothing", "[cluster]") {
  for (const auto* body : {"", "[]", "{}", R"({"address":7})", R"({"address":"10.0.0.9:8848"})"}) {
    INFO(body);
    CHECK(json::parse(server.send("POST", v1 + "/report", body).body)["code"] == 400);
    CHECK(server.send("PUT", v2 + "/node/list", body).status == 400);
  }
  CHECK(state_of_other() == "STARTING");
}

TEST_CASE_METHOD(pair_of_nodes, "what Raft decides is not offered here, and it is said what is",
                 "[cluster]") {
  CHECK(json::parse(server.send("POST", v1 + "/server/leave").body)["code"] == 405);
  CHECK(json::parse(server.send("POST", v1 + "/switch/lookup?type=file").body)["code"] == 400);
  CHECK(server.send("PUT", v2 + "/lookup").status == 400);
  CHECK(server.send("DELETE", v2 + "/nodes").status == 405);
}
