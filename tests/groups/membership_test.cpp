// Members that come and go while the group works.
#include "cluster_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

error change(node& n, raft::change_kind kind, raft::node_id id, const std::string& address = {}) {
  codec::membership_request wanted;
  wanted.changes = {{kind, id, address}};
  auto done = std::make_shared<std::promise<error>>();
  n.change_members("counter", wanted, [done](error e) { done->set_value(std::move(e)); });
  return done->get_future().get();
}

/// Tries again while that may help.
error change_in_time(node& n, raft::change_kind kind, raft::node_id id,
                     const std::string& address = {}) {
  error last;
  eventually([&] {
    last = change(n, kind, id, address);
    return last.code != error_code::change_pending && last.code != error_code::not_caught_up &&
           !is_retriable(last.code);
  });
  return last;
}

}  // namespace

TEST_CASE("a fourth node joins, votes, and the first leader leaves") {
  cluster c(3);
  c.await_leader();
  REQUIRE(c.at(1).group("counter").propose("7").get());
  const auto joins = c.start_another();
  const auto& address = c.members().at(joins);

  CHECK(change(c.at(1), raft::change_kind::add_learner, joins).code == error_code::unknown_peer);
  REQUIRE(change_in_time(c.at(1), raft::change_kind::add_learner, joins, address).code ==
          error_code::ok);
  REQUIRE(change_in_time(c.at(2), raft::change_kind::add_voter, joins).code == error_code::ok);
  const auto first = c.await_leader();
  REQUIRE(change_in_time(c.at(joins.value()), raft::change_kind::remove, first).code ==
          error_code::ok);
  REQUIRE(eventually([&] { return c.leader() != first && !c.leader().is_none(); }));
  const auto peers = cluster::group_of(c.at(c.await_leader().value())).core.peers;
  CHECK(peers.voters.size() == 3);
  CHECK(!peers.contains(first));
  REQUIRE(eventually(
      [&] { return text_of(c.at(joins.value()).group("counter").query("sum").get()) == "7"; }));
}

TEST_CASE("a wiped node is refused under its old id until it is added again", "[trap-32]") {
  std::atomic<int> stopped{0};
  cluster c(3, {"counter"}, [&](node_options& o) {
    o.on_fatal = [&](const std::string& why) {
      if (why.find("other data") != std::string::npos) ++stopped;
    };
  });
  c.await_leader();
  REQUIRE(c.at(1).group("counter").propose("7").get());
  const auto wiped = c.a_follower();
  const raft::node_id other{wiped.value() == 1 ? 2U : 1U};
  c.stop(wiped);
  c.wipe(wiped);
  c.start(wiped);
  REQUIRE(eventually([&] { return stopped > 0; }));
  CHECK(cluster::group_of(c.at(wiped.value())).core.soft.leader.is_none());
  c.stop(wiped);

  REQUIRE(change_in_time(c.at(other.value()), raft::change_kind::remove, wiped).code ==
          error_code::ok);
  REQUIRE(change_in_time(c.at(other.value()), raft::change_kind::add_learner, wiped,
                         c.members().at(wiped))
              .code == error_code::ok);
  c.start(wiped);
  REQUIRE(eventually(
      [&] { return text_of(c.at(wiped.value()).group("counter").query("sum").get()) == "7"; }));
  CHECK(change_in_time(c.at(other.value()), raft::change_kind::add_voter, wiped).code ==
        error_code::ok);
}
