// Nodes in one process, talking over loopback: the write path, forwarding, reads, leadership.
#include "cluster_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

TEST_CASE("a single node elects itself and applies what is proposed") {
  cluster c(1);
  auto g = c.at(1).group("counter");
  CHECK(text_of(g.propose("5").get()) == "5");
  CHECK(text_of(g.propose("7").get()) == "12");
  CHECK(text_of(g.query("").get()) == "12");
}

TEST_CASE("every node takes writes and reads, whoever leads") {
  cluster c(3);
  int sum = 0;
  for (std::uint64_t id = 1; id <= 3; ++id) {
    const auto applied = c.at(id).group("counter").propose("1").get();
    CHECK(text_of(applied) == std::to_string(++sum));
    CHECK(text_of(c.at(id).group("counter").query("").get()) == std::to_string(sum));
  }
}

TEST_CASE("an exception and a refusal become failed replies and change nothing") {
  cluster c(3);
  auto g = c.at(1).group("counter");
  CHECK(text_of(g.propose("3").get()) == "3");
  CHECK(text_of(g.propose("fail").get()) == "error refused: the processor failed: told to fail");
  CHECK(text_of(g.propose("no").get()) == "error refused: told to refuse");
  CHECK(text_of(g.propose("4").get()) == "7");
}

TEST_CASE("a group that does not exist is named in the error") {
  cluster c(1);
  const auto r = c.at(1).group("nobody").propose("1").get();
  REQUIRE_FALSE(r);
  CHECK(r.error().code == error_code::unknown_group);
  CHECK(r.error().message == "No corresponding Raft Group found : nobody");
}

TEST_CASE("a second processor with the same group name is refused") {
  cluster c(1);
  const auto again = c.at(1).add(std::make_shared<counter>());
  CHECK(again.code == error_code::duplicate_group);
  const auto bad = c.at(1).add(std::make_shared<counter>("7up"));
  CHECK(bad.code == error_code::invalid_argument);
}

TEST_CASE("a proposal for another term than the leader's is refused with a distinct error") {
  cluster c(3);
  const auto first = c.at(1).group("counter").propose("1").get();
  REQUIRE(first);
  propose_options o;
  o.expected_term = raft::term{first->term.value() + 5};
  for (std::uint64_t id = 1; id <= 3; ++id) {
    const auto r = c.at(id).group("counter").propose("1", o).get();
    REQUIRE_FALSE(r);
    CHECK(r.error().code == error_code::term_mismatch);
  }
  o.expected_term = first->term;
  CHECK(c.at(1).group("counter").propose("1", o).get());
}

TEST_CASE("leadership moves to the node that is asked for, and errors of peers are distinct") {
  cluster c(3);
  const auto from = c.await_leader();
  const auto to = c.a_follower();
  const auto transfer = [&](const std::string& group, const std::string& peer) {
    std::promise<error> answered;
    c.nodes().at(to)->transfer(group, peer, [&](error e) { answered.set_value(std::move(e)); });
    return answered.get_future().get();
  };
  CHECK(transfer("counter", "banana").code == error_code::unparsable_peer);
  CHECK(transfer("counter", "99").code == error_code::unknown_peer);
  CHECK(transfer("counter", "127.0.0.1:1").code == error_code::unknown_peer);
  CHECK(transfer("nobody", "1").code == error_code::unknown_group);
  CHECK(transfer("counter", to_string(to)).code == error_code::ok);
  CHECK(eventually([&] { return c.leader() == to; }));
  CHECK(from != to);
}

TEST_CASE("without a majority writes are told that there is no leader, and local reads go on") {
  cluster c(3);
  REQUIRE(c.at(1).group("counter").propose("4").get());
  REQUIRE(eventually([&] {
    return text_of(c.at(1)
                       .group("counter")
                       .query("", {std::chrono::seconds(1), consistency::local})
                       .get()) == "4";
  }));
  c.stop(raft::node_id{2});
  c.stop(raft::node_id{3});
  REQUIRE(
      eventually([&] { return cluster::group_of(c.at(1)).core.soft.role != raft::role::leader; }));
  propose_options brief;
  brief.timeout = std::chrono::milliseconds(300);
  const auto r = c.at(1).group("counter").propose("1", brief).get();
  REQUIRE_FALSE(r);
  CHECK(r.error().code == error_code::no_leader);
  query_options local{std::chrono::seconds(1), consistency::local};
  CHECK(text_of(c.at(1).group("counter").query("", local).get()) == "4");
}

TEST_CASE("a node that was away catches up, and nothing is applied twice") {
  cluster c(3);
  const auto away = c.a_follower();
  c.stop(away);
  auto& n = *c.nodes().begin()->second;
  for (int i = 0; i < 200; ++i) REQUIRE(n.group("counter").propose("1").get());
  c.start(away);
  CHECK(text_of(c.nodes().at(away)->group("counter").query("").get()) == "200");
  for (auto& [id, each] : c.nodes()) {
    CHECK(text_of(each->group("counter").query("").get()) == "200");
  }
}

TEST_CASE("after every node was stopped and started all is there, once") {
  cluster c(3);
  for (int i = 0; i < 50; ++i) REQUIRE(c.at(1).group("counter").propose("2").get());
  for (std::uint64_t id = 1; id <= 3; ++id) c.stop(raft::node_id{id});
  for (std::uint64_t id = 1; id <= 3; ++id) c.start(raft::node_id{id});
  for (std::uint64_t id = 1; id <= 3; ++id) {
    CHECK(text_of(c.at(id).group("counter").query("").get()) == "100");
  }
}

TEST_CASE("many proposals at once are all applied, each once") {
  cluster c(3);
  std::vector<std::future<result>> waiting;
  for (int i = 0; i < 3000; ++i) {
    waiting.push_back(c.at(1 + i % 3).group("counter").propose("1"));
  }
  for (auto& w : waiting) {
    const auto r = w.get();
    REQUIRE(text_of(r).rfind("error", 0) == std::string::npos);
  }
  CHECK(text_of(c.at(1).group("counter").query("").get()) == "3000");
}
