// The servers as the naming API tells them. nacos-spec C.6.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/http/running_server.hpp"

using namespace troupe;
using namespace troupe::test;
using nlohmann::json;

namespace {

const std::string v1 = "/nacos/v1/ns";

/// Three nodes. The first is asked; the second leads the group of the instances, the third is in no
/// group.
struct three_nodes {
  running_server server;

  three_nodes() {
    auto& shown = server.cluster->shown;
    shown.id = raft::node_id{7};
    for (std::uint64_t id : {7, 8, 9}) {
      const auto host = "10.0.0." + std::to_string(id);
      shown.members.push_back({raft::node_id{id}, host + ":7848"});
      if (id != 7) {
        server.cluster->servers->put(raft::node_id{id},
                                     {host + ":8848", "2.5.1", raft::log_index{1}});
      }
    }
    group_status g;
    g.name = "naming_persistent_service_v2";
    g.core.self = raft::node_id{7};
    g.core.peers = raft::make_configuration({raft::node_id{7}, raft::node_id{8}});
    g.core.soft = {raft::role::follower, raft::term{3}, raft::node_id{8}};
    g.core.hard = {raft::term{3}, raft::node_id{8}};
    g.leader_address = "10.0.0.8:7848";
    shown.groups = {g};
  }
  [[nodiscard]] raft::core_status& core() const { return server.cluster->shown.groups[0].core; }
  [[nodiscard]] json get(const std::string& target) const {
    const auto r = server.get(target);
    CHECK(r.status == 200);
    return json::parse(r.body);
  }
  [[nodiscard]] std::string responsible(const std::string& client) const {
    return get(v1 + "/operator/distro/client?" + client)["responsibleServer"];
  }
};

}  // namespace

TEST_CASE_METHOD(three_nodes, "servers are told with their HTTP addresses, and whether they live",
                 "[servers]") {
  server.cluster->servers->reached(raft::node_id{8}, 1'700'000'000'500);
  server.cluster->servers->missed(raft::node_id{9}, true);
  const auto told = get(v1 + "/operator/servers")["servers"];
  REQUIRE(told.size() == 3);
  for (const char* field : {"ip", "port", "address", "state", "extendInfo", "servePort", "key",
                            "site", "weight", "adWeight", "alive", "lastRefTime"}) {
    CHECK(told[0].contains(field));
  }
  CHECK(told[0]["key"] == "10.0.0.7:8848");
  CHECK(told[1]["servePort"] == 8848);
  CHECK(told[1]["alive"] == true);
  CHECK(told[1]["lastRefTimeStr"] == "1700000000500");
  CHECK(told[2]["alive"] == false);
  CHECK(get("/nacos/v2/ns/ops/servers")["data"]["servers"].size() == 3);
}

TEST_CASE_METHOD(three_nodes, "the leader answers for who is probed, the asked node for who beats",
                 "[servers]") {
  const std::string instance = v1 + "/instance?serviceName=orders&port=80&ip=10.1.0.";
  CHECK(server.send("POST", instance + "1&ephemeral=false").body == "ok");
  CHECK(server.send("POST", v1 + "/instance?serviceName=carts&ip=10.1.0.2&port=80").body == "ok");
  CHECK(responsible("ip=10.1.0.1&port=80") == "10.0.0.8:8848");
  CHECK(responsible("ip=10.1.0.2&port=80") == "10.0.0.7:8848");
  CHECK(responsible("ip=10.1.0.3&port=80") == "10.0.0.7:8848");  // wherever it will beat to
  CHECK(get("/nacos/v2/ns/operator/distro/client?ip=10.1.0.1&port=80")["data"] ==
        json{{"responsibleServer", "10.0.0.8:8848"}});
  core().soft.leader = {};
  CHECK(responsible("ip=10.1.0.1&port=80") == "unknown");
}

TEST_CASE_METHOD(three_nodes, "a client without address or port is refused", "[servers]") {
  const auto v1_client = v1 + "/ops/distro/client";
  CHECK(server.get(v1_client + "?port=80").status == 400);
  CHECK(server.get(v1_client + "?port=80").body == "Param 'ip' is required.");
  CHECK(server.get(v1_client + "?ip=10.0.0.1&port=%20").body == "Param 'port' is required.");
  CHECK(server.get(v1_client + "?ip=10.0.0.1&port=65536").status == 400);
  const auto r = server.get("/nacos/v2/ns/operator/distro/client?ip=10.0.0.1&port=x");
  CHECK(r.status == 400);
  CHECK(json::parse(r.body)["code"] == 20002);
}

TEST_CASE_METHOD(three_nodes, "the group of the instances is told as servers of 1.x told theirs",
                 "[servers]") {
  const std::string group = R"({"metaDataMap":{"naming_persistent_service_v2":)";
  server.cluster->servers->heard(raft::node_id{8}, 1, group + R"({"term":4}}})");
  CHECK(get(v1 + "/raft/state") == json::parse(R"({"services":0,"peers":[
          {"ip":"10.0.0.7:8848","voteFor":"10.0.0.8:8848","term":3,"state":"FOLLOWER"},
          {"ip":"10.0.0.8:8848","voteFor":null,"term":4,"state":"LEADER"}]})"));
  CHECK(get(v1 + "/raft/leader") ==
        json{{"leader", R"({"ip":"10.0.0.8:8848","voteFor":null,"term":4,"state":"LEADER"})"}});

  // Whatever a report holds, it is no reason to fail.
  for (const char* odd : {"[]", "7", "no JSON", R"({"metaDataMap":[1]})",
                          R"({"metaDataMap":{"naming_persistent_service_v2":{"term":"x"}}})"}) {
    server.cluster->servers->heard(raft::node_id{8}, 1, odd);
    CHECK(get(v1 + "/raft/state")["peers"][1]["term"] == 0);
  }
}

TEST_CASE_METHOD(three_nodes, "while no leader is known none is told", "[servers]") {
  core().soft = {raft::role::candidate, raft::term{4}, {}};
  CHECK(get(v1 + "/raft/leader") == json{{"leader", "null"}});
  const auto peers = get(v1 + "/raft/state")["peers"];
  CHECK(peers[0]["state"] == "CANDIDATE");
  CHECK(peers[1]["state"] == "FOLLOWER");
  server.cluster->shown.groups.clear();
  CHECK(get(v1 + "/raft/state")["peers"].empty());
  CHECK(get(v1 + "/raft/leader") == json{{"leader", "null"}});
}

TEST_CASE_METHOD(three_nodes, "what servers of 1.x sent each other is not served", "[servers]") {
  const auto r = server.send("POST", v1 + "/raft/vote");
  CHECK(r.status == 501);
  CHECK(r.body == "no such api:POST:" + v1 + "/raft/vote");
}
