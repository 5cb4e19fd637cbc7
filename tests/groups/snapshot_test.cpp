// Nodes that were away longer than the log reaches back, and logs that are cut.
#include "cluster_fixture.hpp"
#include "codec/session_codec.hpp"
#include "groups/session.hpp"

using namespace troupe;
using namespace troupe::testing;
using namespace std::chrono_literals;

namespace {

void keep_short_logs(node_options& o) {
  o.log_entries_max = 100;
  o.log_entries_kept = 10;
}

void add_ones(node& n, int count) {
  std::vector<std::future<result>> answers;
  for (int i = 0; i < count; ++i) answers.push_back(n.group("counter").propose("1"));
  for (auto& a : answers) REQUIRE(a.get());
}

content_result content_of(node& n) {
  auto answered = std::make_shared<std::promise<content_result>>();
  auto future = answered->get_future();
  n.content("counter", [answered](content_result c) { answered->set_value(std::move(c)); });
  return future.get();
}

bool are_alike(node& a, node& b) {
  const auto one = content_of(a);
  const auto other = content_of(b);
  return one && other && one->index == other->index && one->hash == other->hash;
}

}  // namespace

TEST_CASE("a log is cut while it is used, and the node starts again from what is left") {
  cluster c(1, {"counter"}, keep_short_logs);
  c.await_leader();
  for (int i = 0; i < 5; ++i) add_ones(c.at(1), 200);
  REQUIRE(eventually([&] { return cluster::group_of(c.at(1)).core.first.value() > 500; }));
  c.stop(raft::node_id{1});
  c.start(raft::node_id{1});
  c.await_leader();
  CHECK(text_of(c.at(1).group("counter").query("sum").get()) == "1000");
}

TEST_CASE("a snapshot that an operator asks for cuts the log, and all that was applied stays") {
  cluster c(1, {"counter"}, [](node_options&) {});
  c.await_leader();
  add_ones(c.at(1), 300);
  const auto ask = [&](const std::string& group) {
    auto answered = std::make_shared<std::promise<error>>();
    c.at(1).snapshot(group, [answered](const error& e) { answered->set_value(e); });
    return answered->get_future().get().code;
  };
  CHECK(ask("counter") == error_code::ok);
  CHECK(cluster::group_of(c.at(1)).core.first.value() > 250);
  CHECK(ask("counter") == error_code::ok);  // also when there is nothing to cut
  CHECK(ask("nobody") == error_code::unknown_group);
  c.stop(raft::node_id{1});
  c.start(raft::node_id{1});
  c.await_leader();
  CHECK(text_of(c.at(1).group("counter").query("sum").get()) == "300");
}

TEST_CASE("a follower that was away longer than the log reaches back gets a snapshot") {
  cluster c(3, {"counter"}, keep_short_logs);
  c.await_leader();
  add_ones(c.at(1), 20);
  const auto away = c.a_follower();
  const raft::node_id other{away.value() == 1 ? 2U : 1U};
  c.stop(away);
  for (int i = 0; i < 5; ++i) add_ones(c.at(other.value()), 200);
  REQUIRE(eventually(
      [&] { return cluster::group_of(c.at(c.await_leader().value())).core.first.value() > 500; }));
  c.start(away);
  REQUIRE(eventually([&] { return are_alike(c.at(away.value()), c.at(other.value())); }));
  // The state is there a moment before the member that begins with it.
  REQUIRE(eventually([&] {
    return cluster::group_of(c.at(away.value())).core.first.value() > 500 &&
           text_of(c.at(away.value()).group("counter").query("sum").get()) == "1020";
  }));

  SECTION("and starts again with it") {
    c.stop(away);
    c.start(away);
    REQUIRE(eventually([&] { return are_alike(c.at(away.value()), c.at(other.value())); }));
  }
}

TEST_CASE("a session survives a snapshot: what was applied is not applied again", "[trap-34]") {
  cluster c(1, {"counter"}, keep_short_logs);
  c.await_leader();
  auto opened = session::open(c.at(1).group("counter")).get();
  REQUIRE(opened);
  codec::session_header h;
  h.client = opened->id();
  h.sequence = 1;
  h.acked = 1;
  propose_options in_session;
  in_session.in_session = true;
  const auto command = codec::encode_session(h, "5");
  const auto first = c.at(1).group("counter").propose(command, in_session).get();
  REQUIRE(text_of(first) == "5");
  add_ones(c.at(1), 300);

  const auto joins = c.start_another();
  codec::membership_request add;
  add.changes = {{raft::change_kind::add_learner, joins, c.members().at(joins)}};
  auto changed = std::make_shared<std::promise<error>>();
  c.at(1).change_members("counter", add, [changed](error e) { changed->set_value(std::move(e)); });
  REQUIRE(changed->get_future().get().code == error_code::ok);
  REQUIRE(eventually([&] { return are_alike(c.at(1), c.at(joins.value())); }));

  const auto again = c.at(1).group("counter").propose(command, in_session).get();
  CHECK(text_of(again) == "5");
  CHECK(again->index == first->index);
  CHECK(text_of(c.at(1).group("counter").query("sum").get()) == "305");
}
