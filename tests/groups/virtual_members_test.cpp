// Members that leave and come back, by virtual time: who answers, who leads next, which links stay.
#include "virtual_cluster.hpp"

using namespace troupe;
using namespace troupe::testing;
using raft::change_kind;
using raft::node_id;

namespace {

/// The answer lands in `heard`, behind the label.
void change(virtual_cluster& c, node_id asked, const std::string& label,
            codec::wanted_change wanted) {
  c.at(asked).backend->change("orders", {raft::joint_transition::automatic, {std::move(wanted)}},
                              5s, true, c.hear(label));
}

std::optional<caf::actor_addr> link_of(virtual_cluster& c, node_id from, node_id to) {
  const auto link = c.at(from).links->find(to);
  return link ? std::optional(link->address()) : std::nullopt;
}

}  // namespace

TEST_CASE("a leader that removes itself still answers the node that it was asked through") {
  virtual_cluster c(3);
  c.start_all();
  const auto leader = c.await_leader();
  const auto other = c.follower();
  c.t.pass(1s);
  // Those who stay know that it is gone long before its answer arrives.
  c.network->reply_latency = 50ms;
  change(c, other, "remove", {change_kind::remove, leader, ""});
  c.t.pass(40ms);
  CHECK(c.heard.empty());
  CHECK_FALSE(c.at(other).facts->nodes->contains(leader));
  c.t.pass(20ms);
  CHECK(c.heard == std::vector<std::string>{"remove ok"});
}

TEST_CASE("when the leader leaves or is demoted another leads at once, and takes writes") {
  const auto kind = GENERATE(change_kind::remove, change_kind::add_learner);
  virtual_cluster c(3);
  c.start_all();
  const auto leader = c.await_leader();
  const auto other = c.follower();
  c.t.pass(1s);
  change(c, other, "change", {kind, leader, ""});
  c.propose(other, "x");
  c.t.pass(50ms);  // an election timeout takes 300 at least
  CHECK(c.leader() != leader);
  CHECK_FALSE(c.leader().is_none());
  c.propose(other, "y");
  c.t.pass(50ms);
  CHECK(std::set(c.heard.begin(), c.heard.end()) ==
        std::set<std::string>{"change ok", "x ok", "y ok"});
}

TEST_CASE("the link to a node that left is closed after a while, and a new one leads to its return",
          "[trap-32]") {
  virtual_cluster c(3);
  c.start_all();
  const auto leader = c.await_leader();
  const auto other = c.follower();
  c.t.pass(1s);
  const node_id leaves{6 - leader.value() - other.value()};
  const auto before = link_of(c, other, leaves);
  REQUIRE(before);
  change(c, other, "remove", {change_kind::remove, leaves, ""});
  c.t.pass(9s);
  CHECK(link_of(c, other, leaves) == before);
  SECTION("closed") {
    c.t.pass(2s);
    CHECK_FALSE(link_of(c, other, leaves));
    CHECK(link_of(c, other, leader));
  }
  SECTION("back before it was closed") {
    change(c, other, "add", {change_kind::add_learner, leaves, "node:" + to_string(leaves)});
    c.t.pass(1s);
    CHECK(c.heard == std::vector<std::string>{"remove ok", "add ok"});
    const auto after = link_of(c, other, leaves);
    CHECK(after);
    CHECK(after != before);
    c.t.pass(20s);
    CHECK(link_of(c, other, leaves) == after);
  }
}
