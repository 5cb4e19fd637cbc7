#include "tests/groups/cluster_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;
using raft::change_kind;
using raft::node_id;

namespace {

error change(node& asked, std::vector<codec::wanted_change> changes) {
  auto answered = std::make_shared<std::promise<error>>();
  auto future = answered->get_future();
  asked.change_members("counter", {raft::joint_transition::automatic, std::move(changes)},
                       [answered](error e) { answered->set_value(std::move(e)); });
  REQUIRE(future.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  return future.get();
}

/// As soon as the node has loaded the group and the leader may change members: not before an entry
/// of its own term is committed.
error change_when_possible(node& asked, const std::vector<codec::wanted_change>& changes) {
  error e;
  REQUIRE(eventually([&] {
    e = change(asked, changes);
    return e.code != error_code::change_pending && !is_retriable(e.code);
  }));
  return e;
}

}  // namespace

TEST_CASE("a change that does not fit the present members is refused, whichever node is asked") {
  cluster c(3);
  c.await_leader();
  for (auto& [id, n] : c.nodes()) {
    const auto refusal = [&node = *n](const codec::wanted_change& wanted) {
      return change_when_possible(node, {wanted});
    };
    for (const auto kind : {change_kind::add_voter, change_kind::add_learner, change_kind::remove,
                            change_kind::update}) {
      const auto stranger = refusal({kind, node_id{9}, ""});
      CHECK(stranger.code == error_code::unknown_peer);
      CHECK(stranger.message == "node 9 is no member of group 'counter'");
    }
    const auto demotion =
        refusal({change_kind::add_learner, node_id{2}, c.members().at(node_id{2})});
    CHECK(demotion.code == error_code::invalid_argument);
    CHECK(demotion.message.find("node 2 votes") != std::string::npos);
    const auto elsewhere = refusal({change_kind::add_voter, node_id{2}, "h:1"});
    CHECK(elsewhere.code == error_code::invalid_argument);
    CHECK(elsewhere.message.find("is known at " + c.members().at(node_id{2})) != std::string::npos);
  }
}

TEST_CASE("a learner that is not there is not made a voter") {
  cluster c(1);
  c.await_leader();
  auto& only = c.at(1);
  const auto nobody = "127.0.0.1:" + std::to_string(free_port());
  CHECK(change_when_possible(only, {{change_kind::add_learner, node_id{2}, nobody}}).code ==
        error_code::ok);
  CHECK(change(only, {{change_kind::add_voter, node_id{2}, ""}}).code == error_code::not_caught_up);
  CHECK(cluster::group_of(only).core.peers == raft::make_configuration({node_id{1}}, {node_id{2}}));
  CHECK(change(only, {{change_kind::remove, node_id{2}, ""}}).code == error_code::ok);
  CHECK(cluster::group_of(only).core.peers == raft::make_configuration({node_id{1}}));
}
