// Maintenance of groups through Nacos's interface. nacos-spec A.9.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/http/running_server.hpp"

using namespace troupe;
using namespace troupe::test;
using nlohmann::json;

namespace {

constexpr auto node = [](std::uint64_t id) { return raft::node_id{id}; };

group_status group_of(const std::string& name, std::uint64_t leader) {
  group_status g;
  g.name = name;
  g.core.soft.leader = node(leader);
  g.core.peers = raft::make_configuration({node(1), node(2), node(3)}, {node(4)});
  return g;
}

struct operator_of_groups {
  running_server server;

  operator_of_groups() {
    auto& shown = server.cluster->shown;
    shown.id = node(1);
    for (std::uint64_t id = 1; id <= 5; ++id) {
      shown.members.push_back({node(id), "10.0.0." + std::to_string(id) + ":7848"});
    }
    shown.groups = {group_of("kv", 2), group_of("naming", 3)};
  }

  [[nodiscard]] json ask(const std::string& command, const std::string& value,
                         const std::string& group = "kv") const {
    json body{{"command", command}, {"value", value}};
    if (!group.empty()) body["groupId"] = group;
    const auto r = server.send("POST", "/nacos/v1/core/ops/raft", body.dump());
    CHECK(r.status == 200);
    return json::parse(r.body);
  }
  void succeeds(const std::string& command, const std::string& value,
                const std::string& group = "kv") const {
    INFO(command << ' ' << value);
    CHECK(ask(command, value, group) ==
          json({{"code", 200}, {"message", nullptr}, {"data", true}}));
  }
  [[nodiscard]] std::string failure(const std::string& command, const std::string& value,
                                    const std::string& group = "kv") const {
    const auto r = ask(command, value, group);
    CHECK(r["code"] == 500);
    return r["message"];
  }
  [[nodiscard]] std::vector<codec::wanted_change> changed() const {
    return server.cluster->changed.changes;
  }
};

using changes = std::vector<codec::wanted_change>;

}  // namespace

TEST_CASE_METHOD(operator_of_groups, "leadership goes to the peer that is named", "[operations]") {
  succeeds("transferLeader", "10.0.0.3:7848");
  CHECK(server.cluster->transferred_to == "3");
}

TEST_CASE_METHOD(operator_of_groups, "who leads already needs no transfer", "[operations]") {
  succeeds("transferLeader", "10.0.0.2:7848");
  CHECK(server.cluster->transferred_to.empty());
}

TEST_CASE_METHOD(operator_of_groups, "peers are removed, and who is none is removed already",
                 "[operations]") {
  succeeds("removePeer", "10.0.0.3:7848");
  CHECK(server.cluster->changed_group == "kv");
  CHECK(changed() == changes{{raft::change_kind::remove, node(3), ""}});
  server.cluster->changed = {};
  succeeds("removePeer", "10.0.0.5:7848");
  succeeds("removePeers", "10.0.0.9:7848,10.0.0.5:7848");
  CHECK(changed().empty());
  succeeds("removePeers", "10.0.0.2:7848, 10.0.0.3:7848");
  CHECK(changed().size() == 2);
}

TEST_CASE_METHOD(operator_of_groups, "peers are changed from what stands to what is named",
                 "[operations]") {
  for (const auto* command : {"changePeers", "restRaftCluster", "resetRaftCluster"}) {
    server.cluster->changed = {};
    succeeds(command, "10.0.0.1:7848,10.0.0.2:7848,10.0.0.5:7848");
    CHECK(changed() == changes{{raft::change_kind::add_voter, node(5), "10.0.0.5:7848"},
                               {raft::change_kind::remove, node(3), ""}});
  }
}

TEST_CASE_METHOD(operator_of_groups, "peers that stand as named are left alone", "[operations]") {
  succeeds("changePeers", "10.0.0.3:7848,10.0.0.2:7848,10.0.0.1:7848");
  CHECK(server.cluster->changed_group.empty());
}

TEST_CASE_METHOD(operator_of_groups, "peers and learners are added once", "[operations]") {
  succeeds("addPeer", "10.0.0.5:7848");
  CHECK(changed() == changes{{raft::change_kind::add_voter, node(5), "10.0.0.5:7848"}});
  succeeds("addPeer", "10.0.0.4:7848");  // a learner becomes a voter
  CHECK(changed() == changes{{raft::change_kind::add_voter, node(4), "10.0.0.4:7848"}});
  succeeds("addLearner", "6=10.0.0.6:7848");  // of whom nobody knows yet
  CHECK(changed() == changes{{raft::change_kind::add_learner, node(6), "10.0.0.6:7848"}});
  server.cluster->changed = {};
  succeeds("addPeer", "10.0.0.1:7848");
  succeeds("addLearner", "10.0.0.4:7848");
  CHECK(changed().empty());
}

TEST_CASE_METHOD(operator_of_groups, "a node that nobody knows has to be said", "[operations]") {
  CHECK(failure("addPeer", "10.0.0.9:7848") ==
        "value: no node is known at 10.0.0.9:7848; say which one it is, as in 4=10.0.0.9:7848");
}

TEST_CASE_METHOD(operator_of_groups, "without a group every group is changed, up to a failure",
                 "[operations]") {
  succeeds("removePeer", "10.0.0.3:7848", "");
  CHECK(server.cluster->changed_group == "naming");
  server.cluster->change_error = {error_code::no_leader, "", {}};
  CHECK(failure("removePeer", "10.0.0.3:7848", "") ==
        "The Raft Group [kv] did not find the Leader node");
  CHECK(server.cluster->changed_group == "kv");
}

TEST_CASE_METHOD(operator_of_groups, "a snapshot is made of the groups of this node",
                 "[operations]") {
  succeeds("doSnapshot", "10.0.0.1:7848");
  succeeds("doSnapshot", "", "");
  CHECK(server.cluster->snapshots == std::vector<std::string>{"kv", "kv", "naming"});
}

TEST_CASE_METHOD(operator_of_groups, "a snapshot of another node is made there", "[operations]") {
  const running_server other;
  other.cluster->shown = server.cluster->shown;
  other.cluster->shown.id = node(2);
  const auto address = "127.0.0.1:" + std::to_string(other.port());
  server.cluster->servers->put(node(2), {address, "2.5.1", raft::log_index{1}});
  succeeds("doSnapshot", "10.0.0.2:7848");
  CHECK(other.cluster->snapshots == std::vector<std::string>{"kv"});
  CHECK(server.cluster->snapshots.empty());
  other.cluster->change_error = {error_code::overloaded, "too much", {}};
  CHECK(failure("doSnapshot", "10.0.0.2:7848") == "kv: too much");
}

TEST_CASE_METHOD(operator_of_groups, "a snapshot of a node that nobody reaches is refused",
                 "[operations]") {
  CHECK(failure("doSnapshot", "10.0.0.2:7848") == "node 2 has not announced where it serves HTTP");
  CHECK(failure("doSnapshot", "10.0.0.9:7848") == "Fail to find node 10.0.0.9:7848 in group kv");
  // Two nodes that take each other for a third one must not send it round.
  const auto sent_on =
      json::parse(server
                      .send("POST", "/nacos/v1/core/ops/raft",
                            R"({"command":"doSnapshot","value":"10.0.0.2:7848","forwarded":true})")
                      .body);
  CHECK(sent_on["message"] == "Fail to find node 10.0.0.2:7848 in group *");
}

TEST_CASE_METHOD(operator_of_groups, "what cannot be done is said in Nacos's words",
                 "[operations]") {
  CHECK(failure("transferLeader", "10.0.0.2:7848", "none") == "not this raft group : none");
  CHECK(failure("dance", "") == "Not support command : dance");
  CHECK(failure("removePeer", "nowhere") == "Fail to parse peer: nowhere");
  CHECK(failure("changePeers", "") == "value: names no peer, and a group needs one that votes");
  CHECK(failure("resetPeers", "10.0.0.1:7848").rfind("resetPeers is not offered", 0) == 0);
  server.cluster->change_error = {error_code::change_pending, "another change is not done", {}};
  CHECK(failure("removePeer", "10.0.0.3:7848") == "kv: another change is not done");
}

TEST_CASE_METHOD(operator_of_groups, "v2 says the same in its envelope", "[operations]") {
  const auto ask_v2 = [this](const std::string& body) {
    return server.send("POST", "/nacos/v2/core/ops/raft", body);
  };
  CHECK(ask_v2(R"({"groupId":"kv","command":"transferLeader","value":"10.0.0.3:7848"})").body ==
        R"({"code":0,"message":"success","data":true})");
  const auto r = ask_v2(R"({"command":"dance"})");
  CHECK(r.status == 500);
  CHECK(r.body ==
        R"({"code":30000,"message":"server error","data":"Not support command : dance"})");
  CHECK(json::parse(ask_v2("[]").body)["data"] ==
        R"(body: is not {"groupId":"…","command":"…","value":"…"})");
  CHECK(json::parse(ask_v2(R"({"command":7})").body)["data"] == "command: is not a text");
}
