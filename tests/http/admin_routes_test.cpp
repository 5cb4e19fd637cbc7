#include "tests/http/running_server.hpp"

using namespace troupe;
using test::running_server;

namespace {

raft::node_id node(std::uint64_t id) {
  return raft::node_id{id};
}
raft::log_index at(std::uint64_t index) {
  return raft::log_index{index};
}

group_status follower() {
  group_status g;
  g.name = "kv";
  g.leader_address = "127.0.0.1:7102";
  g.core.self = node(1);
  g.core.soft = {raft::role::follower, raft::term{4}, node(2)};
  g.core.first = at(1);
  g.core.commit = at(120);
  g.core.applied = at(120);
  g.core.stable = at(121);
  g.core.last = at(121);
  g.core.peers.voters = {node(1), node(2)};
  return g;
}

group_status leader() {
  auto g = follower();
  g.name = "orders";
  g.leader_address = "127.0.0.1:7101";
  g.core.soft = {raft::role::leader, raft::term{4}, node(1)};
  g.core.peers.learners = {node(3)};
  g.core.transferee = node(2);
  g.pending_proposals = 5;
  g.apply_longest = std::chrono::nanoseconds(1'250'900);
  raft::progress_status two;
  two.id = node(2);
  two.state = raft::progress_state::replicate;
  two.match = at(119);
  two.next = at(122);
  two.recently_active = true;
  raft::progress_status three;
  three.id = node(3);
  three.learner = true;
  three.state = raft::progress_state::snapshot;
  three.next = at(1);
  g.core.progress = {two, three};
  return g;
}

void show(running_server& s) {
  s.cluster->shown = {node(1),
                      "troupe",
                      3,
                      {{node(1), "127.0.0.1:7101"}, {node(2), "127.0.0.1:7102"}},
                      {follower(), leader()}};
}

const std::string follower_json =
    R"({"name":"kv","available":true,"leader":{"id":2,"address":"127.0.0.1:7102"},"term":4,)"
    R"("role":"follower","first":1,"commit":120,"applied":120,"stable":121,"last":121,)"
    R"("pending":0,"apply_longest_ms":0.0,)"
    R"("transferring_to":null,"members":[{"id":1,"address":"127.0.0.1:7101",)"
    R"("voter":true,"match":null,"next":null,"state":"unknown","active":null},{"id":2,)"
    R"("address":"127.0.0.1:7102","voter":true,"match":null,"next":null,"state":"unknown",)"
    R"("active":null}]})";

const std::string leader_json =
    R"({"name":"orders","available":true,"leader":{"id":1,"address":"127.0.0.1:7101"},"term":4,)"
    R"("role":"leader","first":1,"commit":120,"applied":120,"stable":121,"last":121,)"
    R"("pending":5,"apply_longest_ms":1.25,)"
    R"("transferring_to":2,"members":[{"id":1,"address":"127.0.0.1:7101",)"
    R"("voter":true,"match":121,"next":122,"state":"leader","active":true},{"id":2,)"
    R"("address":"127.0.0.1:7102","voter":true,"match":119,"next":122,"state":"replicate",)"
    R"("active":true},{"id":3,"address":"","voter":false,"match":0,"next":1,)"
    R"("state":"snapshot","active":false}]})";

}  // namespace

TEST_CASE("a node tells who it is and whom it knows") {
  running_server s;
  show(s);
  const auto r = s.get("/admin/v1/node");
  CHECK(r.status == 200);
  CHECK(r.header("Content-Type") == "application/json");
  CHECK(r.body == R"({"id":1,"cluster":"troupe","incarnation":3,"version":"0.1.0","members":[)"
                  R"({"id":1,"address":"127.0.0.1:7101"},{"id":2,"address":"127.0.0.1:7102"}]})");
}

TEST_CASE("groups are described, one or all") {
  running_server s;
  show(s);
  auto c = s.connect();
  CHECK(c.get("/admin/v1/groups/kv").body == follower_json);
  CHECK(c.get("/admin/v1/groups/orders").body == leader_json);
  CHECK(c.get("/admin/v1/groups").body ==
        R"({"node":1,"groups":[)" + follower_json + "," + leader_json + "]}");
  const auto none = c.get("/admin/v1/groups/none");
  CHECK(none.status == 404);
  CHECK(none.body ==
        R"({"code":"unknown_group","message":"there is no group none","retriable":false})");
}

TEST_CASE("a group without a leader and with an actor that restarts says so") {
  running_server s;
  show(s);
  auto& g = s.cluster->shown.groups[0];
  g.available = false;
  g.core.soft = {raft::role::pre_candidate, raft::term{4}, {}};
  const auto body = s.get("/admin/v1/groups/kv").body;
  CHECK(body.rfind(R"({"name":"kv","available":false,"leader":null,"term":4,)"
                   R"("role":"pre_candidate",)",
                   0) == 0);
}

TEST_CASE("leadership is handed over to a node id or an address") {
  running_server s;
  auto c = s.connect();
  const std::string target = "/admin/v1/groups/kv/transfer";
  const auto r = c.send("POST", target, R"({"to":"127.0.0.1:7102"})");
  CHECK(r.status == 200);
  CHECK(r.body == R"({"accepted":true})");
  CHECK(s.cluster->transferred_to == "127.0.0.1:7102");
  CHECK(c.send("POST", target, R"({"to":2})").status == 200);
  CHECK(s.cluster->transferred_to == "2");
  for (const auto* bad : {"", "{", "[]", "{}", R"({"to":""})", R"({"to":null})", R"({"to":-1})"}) {
    CHECK(c.send("POST", target, bad).status == 400);
  }
  s.cluster->transfer_error = {error_code::unparsable_peer, "x", {}};
  CHECK(c.send("POST", target, R"({"to":"!"})").body ==
        R"({"code":"unparsable_peer","message":"x","retriable":false})");
  s.cluster->transfer_error = {error_code::unknown_peer, "x", {}};
  CHECK(c.send("POST", target, R"({"to":"9"})").status == 404);
}

TEST_CASE("live is answered always, ready when nothing speaks against it") {
  running_server s;
  auto c = s.connect();
  CHECK(c.get("/health/live").body == R"({"status":"live"})");
  auto ready = c.get("/health/ready");
  CHECK(ready.status == 200);
  CHECK(ready.body == R"({"status":"ready"})");
  s.cluster->reasons = {"kv: no leader", "orders: no leader"};
  ready = c.get("/health/ready");
  CHECK(ready.status == 503);
  CHECK(ready.body == R"({"status":"not_ready","reasons":["kv: no leader","orders: no leader"]})");
  CHECK(c.get("/health/live").status == 200);
}

TEST_CASE("what a replica holds is shown as a hash at an index") {
  running_server s;
  s.cluster->shown_content = {raft::log_index{12}, raft::term{3}, 0x0123456789abcdefULL};
  auto c = s.connect();
  const auto r = c.get("/admin/v1/groups/counter/content");
  CHECK(r.status == 200);
  CHECK(r.body == R"({"index":12,"term":3,"hash":"0123456789abcdef"})");
}

TEST_CASE("a server that cannot start says which setting to change") {
  const running_server s;
  http::server_options o;
  o.setting = "--http";
  o.address = "192.0.2.1";  // RFC 5737: nobody's
  o.port = 1;
  CHECK(s.start_second(o).message.rfind("--http 192.0.2.1:1: cannot be listened on (", 0) == 0);
  o.address = "no such host";
  CHECK(s.start_second(o).message.rfind("--http no such host:1: cannot be resolved (", 0) == 0);
}
