#include "tests/http/running_server.hpp"

using namespace troupe;
using codec::wanted_change;
using raft::change_kind;
using raft::joint_transition;
using raft::node_id;
using test::running_server;

namespace {

const std::string target = "/admin/v1/groups/kv/members";

group_status leader_in_joint_phase() {
  group_status g;
  g.name = "kv";
  g.leader_address = "h:1";
  g.core.self = node_id{1};
  g.core.soft = {raft::role::leader, raft::term{4}, node_id{1}};
  g.core.stable = raft::log_index{121};
  g.core.last = raft::log_index{122};
  g.core.peers.voters = {node_id{1}, node_id{4}};
  g.core.peers.outgoing = {node_id{1}, node_id{2}};
  g.core.peers.learners = {node_id{3}};
  g.core.peers_committed = false;
  raft::progress_status two;
  two.id = node_id{2};
  two.state = raft::progress_state::replicate;
  two.match = raft::log_index{119};
  two.next = raft::log_index{122};
  two.recently_active = true;
  raft::progress_status three;
  three.id = node_id{3};
  three.learner = true;
  three.next = raft::log_index{1};
  g.core.progress = {two, three};
  return g;
}

void show(running_server& s, group_status g) {
  s.cluster->shown = {node_id{1},
                      "troupe",
                      3,
                      {{node_id{1}, "h:1"}, {node_id{2}, "h:2"}, {node_id{3}, "h:3"}},
                      {std::move(g)}};
}

std::string complaint_about(running_server& s, const std::string& body) {
  const auto r = s.connect().send("POST", target, body);
  CHECK(r.status == 400);
  const std::string before = R"({"code":"invalid_argument","message":")";
  const std::string after = R"(","retriable":false})";
  REQUIRE(r.body.size() > before.size() + after.size());
  CHECK(r.body.substr(0, before.size()) == before);
  return r.body.substr(before.size(), r.body.size() - before.size() - after.size());
}

std::string complaint_about_change(running_server& s, const std::string& change) {
  return complaint_about(s, R"({"changes":[)" + change + "]}");
}

}  // namespace

TEST_CASE("members are listed with their roles and, on the leader, how far they are") {
  running_server s;
  show(s, leader_in_joint_phase());
  const auto r = s.get(target);
  CHECK(r.status == 200);
  CHECK(r.header("Content-Type") == "application/json");
  CHECK(r.body ==
        R"({"group":"kv","leader":{"id":1,"address":"h:1"},"role":"leader",)"
        R"("joint":true,"committed":false,"members":[)"
        R"({"id":1,"address":"h:1","role":"voter","match":121,"next":123,"state":"leader",)"
        R"("active":true},)"
        R"({"id":2,"address":"h:2","role":"outgoing","match":119,"next":122,)"
        R"("state":"replicate","active":true},)"
        R"({"id":3,"address":"h:3","role":"learner","match":0,"next":1,"state":"probe",)"
        R"("active":false},)"
        R"({"id":4,"address":"","role":"voter","match":null,"next":null,"state":"unknown",)"
        R"("active":null}]})");
  CHECK(s.get("/admin/v1/groups/none/members").status == 404);
}

TEST_CASE("a follower does not know how far the members are") {
  running_server s;
  auto g = leader_in_joint_phase();
  g.core.soft.role = raft::role::follower;
  g.core.soft.leader = {};
  g.core.peers_committed = true;
  g.core.peers = raft::make_configuration({node_id{1}, node_id{2}});
  show(s, g);
  CHECK(s.get(target).body ==
        R"({"group":"kv","leader":null,"role":"follower","joint":false,"committed":true,)"
        R"("members":[)"
        R"({"id":1,"address":"h:1","role":"voter","match":null,"next":null,"state":"unknown",)"
        R"("active":null},)"
        R"({"id":2,"address":"h:2","role":"voter","match":null,"next":null,"state":"unknown",)"
        R"("active":null}]})");
}

TEST_CASE("each kind of change reaches the group") {
  running_server s;
  const auto r = s.connect().send("POST", target,
                                  R"({"changes":[{"op":"add","id":4,"address":"h:4"},)"
                                  R"({"op":"add","id":5,"address":"[::1]:5","voter":true},)"
                                  R"({"op":"add","id":6,"address":"h:6","voter":false},)"
                                  R"({"op":"promote","id":7},{"op":"demote","id":2},)"
                                  R"({"op":"remove","id":9223372036854775807},)"
                                  R"({"op":"update","id":1}],"transition":"explicit"})");
  CHECK(r.status == 200);
  CHECK(r.body == R"({"committed":true})");
  CHECK(s.cluster->changed_group == "kv");
  CHECK(s.cluster->changed.transition == joint_transition::explicit_leave);
  CHECK(s.cluster->changed.changes ==
        std::vector<wanted_change>{{change_kind::add_learner, node_id{4}, "h:4"},
                                   {change_kind::add_voter, node_id{5}, "[::1]:5"},
                                   {change_kind::add_learner, node_id{6}, "h:6"},
                                   {change_kind::add_voter, node_id{7}, ""},
                                   {change_kind::add_learner, node_id{2}, ""},
                                   {change_kind::remove, node_id{9223372036854775807U}, ""},
                                   {change_kind::update, node_id{1}, ""}});
}

TEST_CASE("no changes ask to leave the joint configuration, and the transition may be left out") {
  running_server s;
  auto c = s.connect();
  CHECK(c.send("POST", target, R"({"changes":[]})").status == 200);
  CHECK(s.cluster->changed == codec::membership_request{});
  CHECK(c.send("POST", target, R"({"changes":[],"transition":"implicit"})").status == 200);
  CHECK(s.cluster->changed.transition == joint_transition::implicit);
}

TEST_CASE("a malformed change is refused by field, value and limit") {
  running_server s;
  for (const auto* body : {"", "{", "[]", "{}", R"({"changes":null})", R"({"changes":{}})"}) {
    CHECK(complaint_about(s, body) == R"(body: is not {\"changes\":[…]})");
  }
  CHECK(complaint_about(s, R"({"changes":[],"transitions":"explicit"})") ==
        R"(body: has no field \"transitions\")");
  CHECK(complaint_about(s, R"({"changes":[],"transition":"slow"})") ==
        R"(transition: is \"slow\", not automatic, implicit or explicit)");
  CHECK(complaint_about_change(s, "7") == "changes[0]: is 7, not an object");
  CHECK(complaint_about_change(s, R"({"op":"promote","id":1},{"op":"kill","id":4})") ==
        R"(changes[1].op: is \"kill\", not add, promote, demote, remove or update)");
  CHECK(complaint_about_change(s, R"({"id":4})").rfind("changes[0].op: is null, not add", 0) == 0);
  CHECK(complaint_about_change(s, R"({"op":"promote","id":4,"adress":"h:4"})") ==
        R"(changes[0]: has no field \"adress\")");
  for (const auto* id : {"0", "-1", "1.5", R"(\"4\")", "9223372036854775808", "null"}) {
    const std::string plain = id == std::string(R"(\"4\")") ? R"("4")" : id;
    CHECK(complaint_about_change(s, R"({"op":"remove","id":)" + plain + "}") ==
          "changes[0].id: is " + std::string(id) +
              ", not a whole number from 1 to 9223372036854775807");
  }
  CHECK(complaint_about_change(s, R"({"op":"remove","id":4},{"op":"promote","id":4})") ==
        "changes[1].id: 4 stands twice; one change a member");
  CHECK(s.cluster->changed.changes.empty());
}

TEST_CASE("an address is asked for where a node is added, and refused elsewhere") {
  running_server s;
  const std::string limit = ", not host:port of at most 256 bytes, with a port from 1 to 65535";
  const auto add = [&s](const std::string& address) {
    return complaint_about_change(s, R"({"op":"add","id":4,"address":)" + address + "}");
  };
  CHECK(complaint_about_change(s, R"({"op":"add","id":4})") ==
        "changes[0].address: is null" + limit);
  CHECK(add(R"("h")") == R"(changes[0].address: is \"h\")" + limit);
  CHECK(add(R"("h:0")") == R"(changes[0].address: is \"h:0\")" + limit);
  CHECK(add(R"("h:65536")") == R"(changes[0].address: is \"h:65536\")" + limit);
  CHECK(add("4") == "changes[0].address: is 4" + limit);
  CHECK(add('"' + std::string(255, 'h') + R"(:1")").find(limit) != std::string::npos);
  for (const auto* op : {"promote", "demote", "remove", "update"}) {
    const std::string change = R"({"op":")" + std::string(op) + R"(","id":4)";
    CHECK(complaint_about_change(s, change + R"(,"address":"h:4"})")
              .rfind(R"(changes[0].address: belongs to \"add\")", 0) == 0);
    CHECK(complaint_about_change(s, change + R"(,"voter":true})") ==
          R"(changes[0].voter: belongs to \"add\")");
  }
  CHECK(complaint_about_change(s, R"({"op":"add","id":4,"address":"h:4","voter":1})") ==
        "changes[0].voter: is 1, not true or false");
}

TEST_CASE("at most 1024 members change at a time") {
  running_server s;
  std::string changes;
  for (int id = 1; id <= 1024; ++id) {
    changes += R"({"op":"remove","id":)" + std::to_string(id) + "},";
  }
  const auto more = changes + R"({"op":"remove","id":2000})";
  CHECK(complaint_about_change(s, more) == "changes: has 1025 elements, at most 1024 are taken");
  changes.pop_back();
  CHECK(s.connect().send("POST", target, R"({"changes":[)" + changes + "]}").status == 200);
}

TEST_CASE("a body that nests without end is refused, however deep") {
  running_server s;
  for (const std::size_t depth : {9, 1'000, 200'000}) {
    const auto nested = std::string(depth, '[') + std::string(depth, ']');
    CHECK(complaint_about_change(s, R"({"op":)" + nested + "}") ==
          R"(body: is not {\"changes\":[…]})");
    CHECK(s.connect()
              .send("POST", "/admin/v1/groups/kv/transfer", R"({"to":)" + nested + "}")
              .status == 400);
  }
  CHECK(complaint_about_change(s, "[[[[]]]]") == "changes[0]: is [[[[]]]], not an object");
}

TEST_CASE("a body of changes has at most a mebibyte") {
  running_server s;
  const std::string blanks(1U << 20U, ' ');
  CHECK(complaint_about(s, R"({"changes":[]})" + blanks) ==
        "body: has 1048590 bytes, at most 1048576 are taken");
}

TEST_CASE("what the group says against a change reaches the operator") {
  running_server s;
  auto c = s.connect();
  const std::string body = R"({"changes":[{"op":"promote","id":4}]})";
  const std::pair<error_code, unsigned> answers[] = {
      {error_code::change_pending, 409}, {error_code::not_caught_up, 409},
      {error_code::no_leader, 503},      {error_code::unknown_group, 404},
      {error_code::unknown_peer, 404},   {error_code::outcome_unknown, 504}};
  for (const auto& [code, status] : answers) {
    s.cluster->change_error = {code, "why", {}};
    const auto r = c.send("POST", target, body);
    CHECK(r.status == status);
    CHECK(r.body.rfind(R"({"code":")" + std::string(name_of(code)) + R"(","message":"why",)", 0) ==
          0);
  }
  CHECK(c.send("DELETE", target).header("Allow") == "GET, POST");
}
