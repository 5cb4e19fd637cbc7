// The registry: what ends is started again, as much as hangs together and no more; what keeps
// ending is given pauses; and the death of the shared log writer is one pause for all, not a storm.
#include "virtual_cluster.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

constexpr raft::node_id one{1};

/// Who plays the roles of `role` on the node now; some that have ended are still held by timers.
std::vector<caf::actor_addr> players(virtual_cluster& c, raft::node_id id,
                                     const std::string& role) {
  std::vector<caf::actor_addr> all;
  for (const auto& who : c.at(id).roles->find(role)) {
    if (!ended(c.t, who)) all.push_back(who.address());
  }
  return all;
}

std::size_t common(const std::vector<caf::actor_addr>& a, const std::vector<caf::actor_addr>& b) {
  return static_cast<std::size_t>(std::count_if(a.begin(), a.end(), [&](const auto& x) {
    return std::find(b.begin(), b.end(), x) != b.end();
  }));
}

/// Notes when each of its group's members starts.
class start_counter : public counting {
 public:
  start_counter(std::string name, virtual_cluster& c) : counting(std::move(name)), cluster_(&c) {}
  void loaded(const persistence::state_view&) override { starts.push_back(cluster_->t.now()); }
  std::vector<actors::clock::time_point> starts;

 private:
  virtual_cluster* cluster_;
};

const std::vector<std::string> member_roles{"group", "fsm_caller", "processor", "election_timer"};

}  // namespace

TEST_CASE("the roles of a member end together and start together, another group notices nothing") {
  const auto role =
      GENERATE(as<std::string>{}, "group", "fsm_caller", "processor", "election_timer");
  INFO("role " << role);
  virtual_cluster c(1, {"orders", "stock"});
  c.start_all();
  c.await_leader("orders");
  c.await_leader("stock");
  std::map<std::string, std::vector<caf::actor_addr>> before;
  for (const auto& r : member_roles) before[r] = players(c, one, r);
  const auto stock_before = c.member(one, "stock");
  // Only the role of the first group is ended.
  test_system::end(c.at(one).roles->find(role).front());
  c.t.run();
  for (const auto& r : member_roles) {
    INFO(r);
    const auto now = players(c, one, r);
    CHECK(now.size() == 2);
    CHECK(common(before[r], now) == 1);
  }
  CHECK(c.member(one, "stock")->address() == stock_before->address());
  c.await_leader("orders");
  c.propose(one, "x");
  c.propose(one, "y", 5s, "stock");
  c.t.pass(100ms);
  CHECK(c.heard.size() == 2);
  CHECK(c.state_of(one) == "x=1");
}

TEST_CASE("a member that keeps ending is started with pauses, and others work meanwhile") {
  virtual_cluster c(1);
  c.start_all();
  c.await_leader();
  auto unlucky = std::make_shared<start_counter>("unlucky", c);
  REQUIRE(c.add(one, unlucky).code == error_code::ok);
  const auto start = c.t.now();
  for (int ms = 0; ms < 3000; ++ms) {
    if (const auto member = c.member(one, "unlucky")) test_system::end(*member);
    if (ms % 100 == 0) c.propose(one, std::to_string(ms));
    c.t.pass(1ms);
  }
  // Started, started again five times at once, then twice a second.
  REQUIRE(unlucky->starts.size() >= 6);
  CHECK(unlucky->starts.size() <= 13);
  CHECK(unlucky->starts[5] <= start + 10ms);
  for (std::size_t i = 6; i < unlucky->starts.size(); ++i) {
    CHECK(unlucky->starts[i] - unlucky->starts[i - 1] >= 500ms);
  }
  CHECK(c.heard.size() == 30);
  CHECK(
      std::all_of(c.heard.begin(), c.heard.end(), [](const auto& h) { return h.ends_with("ok"); }));
}

TEST_CASE("a member that ran calmly for a while is started again at once, however often before") {
  virtual_cluster c(1);
  c.start_all();
  auto rare = std::make_shared<start_counter>("rare", c);
  REQUIRE(c.add(one, rare).code == error_code::ok);
  for (int i = 0; i < 20; ++i) {
    c.t.pass(11s);
    test_system::end(*c.member(one, "rare"));
    c.t.run();
    REQUIRE(c.member(one, "rare"));
  }
  CHECK(rare->starts.size() == 21);
}

TEST_CASE("when the log writer dies all groups pause and resend, each starts again once",
          "[trap-36]") {
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back("g" + std::to_string(i));
  virtual_cluster c(3, names);
  c.start_all();
  for (const auto& name : names) c.await_leader(name);
  const auto victim = c.await_leader("g0");
  const auto groups_before = players(c, victim, "group");
  REQUIRE(groups_before.size() == names.size());
  for (const auto& name : names) c.propose(victim, name + "-before", 5s, name);
  c.t.pass(1s);
  CHECK(c.heard.size() == names.size());
  // With writes under way everywhere.
  for (const auto& name : names) c.propose(victim, name + "-during", 5s, name);
  for (int i = 0; i < 50; ++i) c.t.step();
  const auto starts = c.network->trace.size();
  REQUIRE(c.end_role(victim, "log_writer") == 1);
  c.t.run();
  CHECK(players(c, victim, "log_writer").size() == 1);
  const auto groups_after = players(c, victim, "group");
  CHECK(groups_after.size() == names.size());
  CHECK(common(groups_before, groups_after) == 0);
  c.t.pass(10s);
  CHECK(common(groups_after, players(c, victim, "group")) == names.size());
  CHECK(c.network->trace.size() > starts);
  CHECK(c.heard.size() == 2 * names.size());
  for (const auto& name : names) c.propose(victim, name + "-after", 5s, name);
  c.t.pass(2s);
  CHECK(c.at(victim).fatal.empty());
  for (const auto& name : names) {
    INFO(name);
    REQUIRE(std::count(c.heard.begin(), c.heard.end(), name + "-after ok") == 1);
    const auto state = c.state_of(victim, name);
    CHECK(state.find(name + "-before=1") != std::string::npos);
    CHECK(state.find(name + "-after=1") != std::string::npos);
    CHECK(state.find("=2") == std::string::npos);
    const bool told_ok = std::count(c.heard.begin(), c.heard.end(), name + "-during ok") == 1;
    if (told_ok) CHECK(state.find(name + "-during=1") != std::string::npos);
  }
}

TEST_CASE("a follower's log writer may die over and over, the group goes on writing", "[trap-36]") {
  virtual_cluster c(3);
  c.start_all();
  const auto leader = c.await_leader();
  const auto victim = c.follower();
  for (int i = 1; i <= 20; ++i) {
    c.end_role(victim, "log_writer");
    c.propose(leader, std::to_string(i));
    c.t.pass(20ms);
  }
  c.t.pass(2s);
  CHECK(std::count_if(c.heard.begin(), c.heard.end(),
                      [](const auto& h) { return h.ends_with(" ok"); }) == 20);
  CHECK(c.leader() == leader);
  CHECK(c.t.pass_until([&] { return c.state_of(victim) == c.state_of(leader); }));
}

TEST_CASE("roles that hold no member's state are replaced without troubling the groups") {
  const auto role = GENERATE(as<std::string>{}, "peer_link", "query_worker", "roster_keeper");
  INFO("role " << role);
  virtual_cluster c(3);
  c.start_all();
  const auto leader = c.await_leader();
  c.t.pass(1s);
  const auto members = players(c, leader, "group");
  const auto before = players(c, leader, role);
  REQUIRE_FALSE(before.empty());
  c.end_role(leader, role);
  c.t.run();
  const auto now = players(c, leader, role);
  CHECK(now.size() == before.size());
  CHECK(common(before, now) == 0);
  CHECK(players(c, leader, "group") == members);
  c.propose(leader, "x");
  c.t.pass(1s);
  CHECK(c.heard == std::vector<std::string>{"x ok"});
}

TEST_CASE("roles that all groups lean on are replaced, and every group starts again from disk") {
  const auto role = GENERATE(as<std::string>{}, "ticker", "forwarder", "log_reader");
  INFO("role " << role);
  virtual_cluster c(3);
  c.start_all();
  const auto leader = c.await_leader();
  const auto members = players(c, leader, "group");
  c.propose(leader, "x");
  c.t.pass(100ms);
  REQUIRE(c.end_role(leader, role) == 1);
  c.t.run();
  CHECK(players(c, leader, role).size() == 1);
  CHECK(common(members, players(c, leader, "group")) == 0);
  c.propose(leader, "y");
  CHECK(c.t.pass_until([&] { return c.heard.size() == 2; }));
  CHECK(c.t.pass_until([&] { return c.state_of(leader) == "x=1 y=1"; }));
}

TEST_CASE(
    "an unknown group, a peer that cannot be parsed and one that is unknown are three errors") {
  virtual_cluster c(3);
  c.start_all();
  const auto resolve = [&](const std::string& group, const std::string& peer) {
    return *ask<groups::resolved_peer>(c.t, *c.at(one).registry, groups::resolve_peer{group, peer});
  };
  CHECK(resolve("nobody", "1").why.code == error_code::unknown_group);
  CHECK(resolve("nobody", "1").why.message == "No corresponding Raft Group found : nobody");
  for (const auto* text : {"banana", "", "0", "-1", "node:", ":1", "node:99999", "2 "}) {
    INFO(text);
    CHECK(resolve("orders", text).why.code == error_code::unparsable_peer);
  }
  for (const auto* text : {"4", "node:4", "18446744073709551615"}) {
    INFO(text);
    CHECK(resolve("orders", text).why.code == error_code::unknown_peer);
  }
  for (const auto* text : {"2", "node:2"}) {
    const auto found = resolve("orders", text);
    CHECK(found.why.code == error_code::ok);
    CHECK(found.node == raft::node_id{2});
    CHECK(found.group->address() == c.member(one)->address());
  }
}

TEST_CASE("a name that is taken and a name that is none are refused, and start nothing") {
  virtual_cluster c(1);
  c.start_all();
  const auto before = players(c, one, "group");
  CHECK(c.add(one, std::make_shared<counting>("orders")).code == error_code::duplicate_group);
  CHECK(c.add(one, std::make_shared<counting>("7up")).code == error_code::invalid_argument);
  CHECK(c.add(one, std::make_shared<counting>("")).code == error_code::invalid_argument);
  CHECK(players(c, one, "group") == before);
}

TEST_CASE("a failed sync stops the node once, and every write under way has no outcome") {
  virtual_cluster c(1, {"orders", "stock"});
  c.start_all();
  c.await_leader("orders");
  c.await_leader("stock");
  c.disk->failing = true;
  c.propose(one, "x");
  c.propose(one, "y", 5s, "stock");
  c.t.pass(1s);
  CHECK(c.at(one).fatal.size() == 1);
  CHECK(c.heard.empty());
  c.t.pass(5s);
  std::sort(c.heard.begin(), c.heard.end());
  CHECK(c.heard == std::vector<std::string>{"x outcome_unknown", "y outcome_unknown"});
  c.disk->failing = false;
}
