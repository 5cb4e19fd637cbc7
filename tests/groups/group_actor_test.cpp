// The group actor, with peers and storage played by the test: what it does while it loads, how it
// bundles, what waits for the disk, and that terms and roles change only between its messages.
#include "groups/group_actor.hpp"

#include "group_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

using texts = std::vector<std::string>;

/// The appends that a link was given, as previous index + number of entries.
texts appends_to(const told_link& link) {
  texts all;
  for (const auto& sent : link.encoded) {
    const auto messages = codec::decode_messages(raft::bytes(sent.bytes));
    REQUIRE(messages);
    for (const auto& m : *messages) {
      const auto& a = std::get<raft::append_request>(m.message.body);
      all.push_back(to_string(a.previous_index) + "+" + std::to_string(a.entries.size()));
    }
  }
  return all;
}

raft::append_request appended(std::uint64_t term, std::uint64_t first, std::size_t count) {
  raft::append_request a;
  a.previous_index = raft::log_index{first - 1};
  a.previous_term = raft::term{first > 1 ? term : 0};
  for (std::size_t i = 0; i < count; ++i) {
    a.entries.push_back(make_entry(term, first + i, "e" + std::to_string(first + i)));
  }
  return a;
}

}  // namespace

TEST_CASE("while a member loads, requests go to the forwarder and peers are not heard") {
  scripted_group g;
  g.writer->silent = true;
  g.start();
  g.propose("a");
  g.from(2, raft::term{5}, raft::heartbeat_request{});
  actors::send(*g.member, actors::peer_lost{raft::node_id{2}});
  g.t.pass(5s);
  REQUIRE(g.forwarder->proposals.size() == 1);
  CHECK(g.forwarder->proposals[0].leader.is_none());
  CHECK_FALSE(g.status().available);
  CHECK(g.writer->jobs.empty());
}

TEST_CASE("while a member loads, transfers and changes of members go to the forwarder, too") {
  scripted_group g;
  g.writer->silent = true;
  g.start();
  const auto ask = [&](bool may_forward) {
    actors::send(*g.member, groups::transfer_request{"2", raft::node_id{2}, g.t.now() + 5s,
                                                     may_forward, make_promise(g.heard, "lead")});
    actors::send(*g.member, groups::change_request{
                                {}, g.t.now() + 5s, may_forward, make_promise(g.heard, "change")});
    g.t.run();
  };
  ask(true);
  CHECK(g.heard->empty());
  REQUIRE(g.forwarder->transfers.size() == 1);
  CHECK(g.forwarder->transfers[0].leader.is_none());
  CHECK(g.forwarder->transfers[0].request.peer == "2");
  REQUIRE(g.forwarder->changes.size() == 1);
  CHECK(g.forwarder->changes[0].leader.is_none());
  // Whoever forwarded it waits on its own side.
  ask(false);
  CHECK(*g.heard == answers{"lead not_leader", "change not_leader"});
}

TEST_CASE("a member whose stores cannot be read stops the node and never serves") {
  scripted_group g;
  g.writer->load = actors::loaded_member{
      {persistence::status_code::corrupt, "entry 7 is damaged"}, std::nullopt, nullptr};
  g.start();
  CHECK(g.fatal == texts{"a group cannot be loaded: entry 7 is damaged"});
  g.t.pass(5s);
  CHECK_FALSE(g.status().available);
  CHECK(g.writer->jobs.empty());
}

TEST_CASE("a member campaigns by itself when it hears of nobody, and needs the disk for its vote") {
  scripted_group g;
  g.start();
  REQUIRE(g.t.pass_until([&] { return g.status().core.soft.role == raft::role::pre_candidate; }));
  CHECK(g.writer->jobs.empty());
  for (const auto& [peer, link] : g.links) REQUIRE_FALSE(link->plain.empty());
  g.from(2, raft::term{1}, raft::vote_response{true, true});
  g.t.run();
  REQUIRE(g.writer->jobs.size() == 1);
  CHECK(g.writer->jobs[0].write->hard->vote == raft::node_id{1});
  // One vote of another does not make a leader before our own is durable.
  g.from(2, raft::term{1}, raft::vote_response{false, true});
  g.t.run();
  CHECK(g.status().core.soft.role == raft::role::candidate);
  g.sync();
  CHECK(g.status().core.soft.role == raft::role::leader);
}

TEST_CASE("proposals that come together make one write and one append for each follower") {
  scripted_group g;
  g.start();
  const auto term = g.lead();
  g.acknowledge(term, 1);
  raft::append_response three;
  three.accepted = true;
  three.matched = raft::log_index{1};
  g.from(3, term, three);
  g.t.run();
  const auto jobs = g.writer->jobs.size();
  for (const auto& [peer, link] : g.links) link->encoded.clear();
  for (int i = 0; i < 100; ++i) g.propose(std::to_string(i));
  g.t.run();
  REQUIRE(g.writer->jobs.size() == jobs + 1);
  CHECK(g.writer->jobs.back().write->entries.size() == 100);
  CHECK(appends_to(*g.links[2]) == texts{"1+100"});
  CHECK(appends_to(*g.links[3]) == texts{"1+100"});
}

TEST_CASE("appends leave before the leader's own write is durable, answers only once it counts") {
  scripted_group g;
  g.start();
  const auto term = g.lead();
  g.acknowledge(term, 1);
  g.propose("a");
  g.t.run();
  CHECK_FALSE(g.links[2]->encoded.empty());
  CHECK(g.heard->empty());
  // A follower alone is no majority, the leader's disk makes it one.
  g.acknowledge(term, 2);
  CHECK(g.heard->empty());
  g.sync();
  CHECK(*g.heard == answers{"a did a"});
  CHECK(*g.applied == texts{"a"});
}

TEST_CASE("a follower's replies travel with its write, not past it") {
  scripted_group g;
  g.start();
  g.from(2, raft::term{3}, appended(3, 1, 2));
  g.t.run();
  for (const auto& sent : g.links[2]->plain) {
    for (const auto& m : sent.messages) {
      CHECK_FALSE(std::holds_alternative<raft::append_response>(m.body));
    }
  }
  REQUIRE(g.writer->jobs.size() == 1);
  const auto& w = *g.writer->jobs[0].write;
  CHECK(w.entries.size() == 2);
  CHECK(w.hard->term == raft::term{3});
  REQUIRE_FALSE(w.replies.empty());
  CHECK(std::get<raft::append_response>(w.replies.back().body).matched == raft::log_index{2});
}

TEST_CASE("a follower hears of what is durable with its next input, and then applies it") {
  scripted_group g;
  g.start();
  g.from(2, raft::term{3}, appended(3, 1, 2));
  g.t.run();
  REQUIRE(g.writer->jobs.size() == 1);
  const auto& job = g.writer->jobs[0];
  // Nothing that it has said yet is committed: nobody needs to wake it.
  CHECK_FALSE(job.mark->move_to(job.write->sequence));
  raft::append_request commit = appended(3, 3, 0);
  commit.commit = raft::log_index{2};
  g.from(2, raft::term{3}, commit);
  g.t.run();
  CHECK(*g.applied == texts{"e1", "e2"});
}

TEST_CASE("a follower whose unfinished write is committed is woken when that is durable") {
  scripted_group g;
  g.start();
  auto entries = appended(3, 1, 2);
  entries.commit = raft::log_index{2};
  g.from(2, raft::term{3}, entries);
  g.t.run();
  REQUIRE(g.writer->jobs.size() == 1);
  const auto& job = g.writer->jobs[0];
  CHECK(g.applied->empty());
  REQUIRE(job.mark->move_to(job.write->sequence));
  actors::send_urgent(*g.member, actors::log_stable{job.write->sequence});
  g.t.run();
  CHECK(*g.applied == texts{"e1", "e2"});
}

TEST_CASE("a leader is woken by its own log") {
  scripted_group g;
  g.start();
  const auto term = g.lead();
  g.acknowledge(term, 1);
  g.propose("a");
  g.t.run();
  const auto& job = g.writer->jobs.back();
  CHECK(job.mark->move_to(job.write->sequence));
}

TEST_CASE("a higher term that arrives before queued proposals takes them all along", "[trap-16]") {
  scripted_group g;
  g.start();
  const auto term = g.lead();
  g.acknowledge(term, 1);
  g.written();
  for (const auto* text : {"a", "b"}) g.propose(text);
  // Elections and heartbeats overtake what callers have queued.
  actors::peer_messages beat;
  beat.messages.push_back(
      {raft::node_id{3}, raft::node_id{1}, next(term), raft::heartbeat_request{}});
  actors::send_urgent(*g.member, std::move(beat));
  g.t.run();
  CHECK(g.written().empty());
  REQUIRE(g.forwarder->proposals.size() == 2);
  CHECK(g.forwarder->proposals[0].leader == raft::node_id{3});
  CHECK(g.status().core.soft.term == next(term));
  CHECK(g.heard->empty());
}

TEST_CASE("proposals of one turn share one term, whatever else the turn brings", "[trap-16]") {
  scripted_group g;
  g.start();
  const auto term = g.lead();
  g.acknowledge(term, 1);
  g.written();
  g.propose("a");
  g.from(3, next(term), raft::heartbeat_request{});
  g.propose("b");
  g.t.run();
  CHECK(g.written().empty());
  REQUIRE(g.forwarder->proposals.size() == 2);
  // Nothing of the old term leaves after the new one was seen.
  for (const auto& job : g.writer->jobs) {
    for (const auto& e : job.write->entries) CHECK(e->term == term);
  }
}

TEST_CASE("an old leader's queued proposal is never stamped with a later term", "[trap-17]") {
  scripted_group g;
  g.start();
  const auto first = g.lead();
  g.acknowledge(first, 1);
  g.from(3, next(first), raft::heartbeat_request{});
  g.t.run();
  g.sync();
  const auto later = g.lead();
  REQUIRE(first < later);
  g.acknowledge(later, 2);
  g.written();
  // It was meant for the first term and arrives, with others, while we lead in a later one.
  g.propose("old", first);
  g.propose("any");
  g.propose("new", later);
  g.t.run();
  const auto written = g.written();
  CHECK(std::count(written.begin(), written.end(), "any t" + to_string(later)) == 1);
  CHECK(std::count(written.begin(), written.end(), "new t" + to_string(later)) == 1);
  CHECK(written.size() == 2);
  CHECK(*g.heard == answers{"old term_mismatch"});
}

TEST_CASE("a leader that steps down ends its replicators, and starts others when it leads again") {
  scripted_group g;
  g.start();
  const auto term = g.lead();
  g.t.run();
  const auto before = g.node.roles->find("replicator");
  REQUIRE(before.size() == 2);
  g.from(3, next(term), raft::heartbeat_request{});
  g.t.run();
  for (const auto& who : before) CHECK(ended(g.t, who));
  CHECK_FALSE(ended(g.t, *g.member));
  g.sync();
  g.lead();
  std::size_t alive = 0;
  for (const auto& who : g.node.roles->find("replicator")) alive += ended(g.t, who) ? 0 : 1;
  CHECK(alive == 2);
}

TEST_CASE("the forwarder hears when another node leads, and whether the former one is gone") {
  scripted_group g;
  g.start();
  const auto& heard = g.forwarder->leaders;
  g.from(2, raft::term{3}, raft::heartbeat_request{});
  g.t.run();
  CHECK(heard.empty());  // nobody was asked before
  g.from(3, raft::term{4}, raft::heartbeat_request{});
  g.t.run();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].group == "orders");
  CHECK(heard[0].leader == raft::node_id{3});
  CHECK_FALSE(heard[0].former_is_gone);
  // Silence alone is no news, nor is the same leader in another term.
  actors::send(*g.member, actors::peer_gone{raft::node_id{3}});
  g.from(3, raft::term{5}, raft::heartbeat_request{});
  g.t.run();
  CHECK(heard.size() == 1);
  actors::send(*g.member, actors::peer_gone{raft::node_id{3}});
  g.t.run();
  g.lead();
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].leader == raft::node_id{1});
  CHECK(heard[1].former_is_gone);
}

TEST_CASE("a follower whose messages were lost is probed again from what it acknowledged") {
  scripted_group g;
  g.start();
  const auto term = g.lead();
  g.sync();
  g.acknowledge(term, 1);
  for (const auto* text : {"a", "b", "c"}) {
    g.propose(text);
    g.t.run();
  }
  CHECK(appends_to(*g.links[2]).back() == "3+1");
  g.links[2]->encoded.clear();
  actors::send(*g.member, actors::peer_lost{raft::node_id{2}});
  g.from(2, term, raft::heartbeat_response{});
  g.t.pass(100ms);
  const auto again = appends_to(*g.links[2]);
  REQUIRE_FALSE(again.empty());
  CHECK(again.front().rfind("1+", 0) == 0);
}

TEST_CASE("a leader that hears of no majority steps down, by the clock alone") {
  scripted_group g;
  g.start();
  g.lead();
  g.t.pass(2s);
  CHECK(g.status().core.soft.role != raft::role::leader);
  g.propose("a");
  g.t.run();
  CHECK(g.forwarder->proposals.size() == 1);
}

TEST_CASE("a quiet follower is woken at its deadline, not for each heartbeat that it hears") {
  scripted_group g;
  g.start();
  g.from(2, raft::term{1}, raft::heartbeat_request{});
  g.t.run();
  for (int i = 0; i < 200; ++i) {
    g.from(2, raft::term{1}, raft::heartbeat_request{});
    g.t.pass(50ms);
    REQUIRE(g.t.timers() <= 2);
  }
  CHECK(g.status().core.soft.leader == raft::node_id{2});
  CHECK(g.status().core.soft.term == raft::term{1});
}

TEST_CASE("when a role dies the member dies with it, and whoever waited has an unknown outcome") {
  const auto role =
      GENERATE(as<std::string>{}, "fsm_caller", "processor", "election_timer", "replicator");
  INFO("role " << role);
  scripted_group g;
  g.start();
  const auto term = g.lead();
  g.acknowledge(term, 1);
  g.propose("a");
  g.t.run();
  test_system::end(g.node.roles->find(role).front());
  CHECK(ended(g.t, *g.member));
  for (const auto* other : {"fsm_caller", "processor", "election_timer", "replicator"}) {
    for (const auto& who : g.node.roles->find(other)) CHECK(ended(g.t, who));
  }
  CHECK(*g.heard == answers{"a outcome_unknown"});
}
