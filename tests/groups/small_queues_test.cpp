// Every queue as small as two: nothing waits for itself, who cannot be served is told so, and no
// write is lost or doubled.
#include "virtual_cluster.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

/// Room for two of what these tests write, at every stage.
void tighten(virtual_cluster& c) {
  constexpr std::uint64_t two_entries = 2 * (raft::entry_overhead_bytes + 8);
  c.requests_max = 2;
  c.network->queue_max = 2;
  auto& core = c.core;
  core.append_bytes_max = two_entries;
  core.append_requests_in_flight_max = 2;
  core.append_bytes_in_flight_max = two_entries;
  core.uncommitted_bytes_max = two_entries;
  core.apply_bytes_max = two_entries;
  core.unapplied_bytes_max = two_entries;
  core.cached_bytes_max = two_entries;
  core.pending_reads_max = 2;
}

std::map<std::string, int> outcomes(const virtual_cluster& c) {
  std::map<std::string, int> all;
  for (const auto& h : c.heard) ++all[h.substr(h.find(' ') + 1)];
  return all;
}

void check_history(virtual_cluster& c) {
  std::set<std::string> states;
  REQUIRE(c.t.pass_until([&] {
    states.clear();
    for (const auto& [id, n] : c.nodes()) states.insert(c.state_of(id));
    return states.size() == 1;
  }));
  const auto state = " " + *states.begin() + " ";
  CHECK(state.find("=2 ") == std::string::npos);
  for (const auto& h : c.heard) {
    const auto key = h.substr(0, h.find(' '));
    const auto outcome = h.substr(h.find(' ') + 1);
    INFO(h);
    const bool there = state.find(" " + key + "=1 ") != std::string::npos;
    if (outcome == "ok") REQUIRE(there);
    if (outcome != "ok" && outcome != "outcome_unknown") REQUIRE_FALSE(there);
  }
}

}  // namespace

TEST_CASE("with every queue two long a flood is served or told to come back", "[trap-38]") {
  const auto seed = GENERATE(as<std::uint64_t>{}, 1, 2, 3, 4, 5, 6, 7, 8);
  INFO("seed " << seed);
  virtual_cluster c(3);
  tighten(c);
  c.seed = seed;
  c.t.shuffle(seed);
  c.start_all();
  c.await_leader();
  int n = 0;
  for (int round = 0; round < 100; ++round) {
    for (std::uint64_t at = 1; at <= 3; ++at) {
      for (int i = 0; i < 4; ++i) c.propose(raft::node_id{at}, std::to_string(++n), 1s);
    }
    c.t.pass(2ms);
  }
  c.t.pass(3s);
  // Everybody was answered, some of them with what they wanted.
  CHECK(c.heard.size() == static_cast<std::size_t>(n));
  const auto told = outcomes(c);
  CHECK(told.at("ok") > 100);
  CHECK(told.at("overloaded") > 100);
  for (const auto& [outcome, count] : told) {
    INFO(outcome << " " << count);
    CHECK((outcome == "ok" || outcome == "overloaded" || outcome == "outcome_unknown" ||
           outcome == "no_leader"));
  }
  check_history(c);
  // Nothing is stuck: the next writes go through.
  for (std::uint64_t at = 1; at <= 3; ++at) {
    c.propose(raft::node_id{at}, "last" + std::to_string(at), 1s);
    c.t.pass(500ms);
    REQUIRE(c.heard.back() == "last" + std::to_string(at) + " ok");
  }
}

TEST_CASE("with every queue two long a node that was away still catches up", "[trap-38]") {
  virtual_cluster c(3);
  tighten(c);
  c.start_all();
  const auto away = c.follower();
  c.stop(away);
  const auto at = c.await_leader();
  for (int i = 1; i <= 100; ++i) {
    c.propose(at, std::to_string(i));
    REQUIRE(c.t.pass_until([&] { return c.heard.size() == static_cast<std::size_t>(i); }));
  }
  CHECK(outcomes(c)["ok"] == 100);
  c.start(away);
  CHECK(c.t.pass_until([&] { return c.state_of(away) == c.state_of(at); }, 30s));
  check_history(c);
}

TEST_CASE("with every queue two long writes go on while the leader's roles are ended",
          "[trap-38]") {
  const auto role = GENERATE(as<std::string>{}, "group", "log_writer", "peer_link", "replicator");
  INFO("role " << role);
  virtual_cluster c(3);
  tighten(c);
  c.t.shuffle(11);
  c.start_all();
  int n = 0;
  for (int round = 0; round < 300; ++round) {
    for (std::uint64_t at = 1; at <= 3; ++at) c.propose(raft::node_id{at}, std::to_string(++n), 1s);
    c.t.pass(10ms);
    if (round % 100 == 50) c.end_role(c.await_leader(), role);
  }
  c.t.pass(5s);
  CHECK(c.heard.size() == static_cast<std::size_t>(n));
  const auto told = outcomes(c);
  CHECK(told.at("ok") > 300);
  check_history(c);
}
