// The FSM caller: order, batches, whose answer is whose, and what becomes of proposals and queries
// that are replaced or wait too long.
#include "actors/fsm_caller.hpp"

#include "fsm_caller_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

TEST_CASE("each proposal hears the reply of its own entry, in order") {
  caller_rig r;
  r.expect(1, 1, 3);
  r.commit({make_entry(1, 1, "a"), make_entry(1, 2, "no"), make_entry(1, 3, "c")});
  r.t.run();
  CHECK(*r.heard == answers{"a", "refused", "c"});
  CHECK(r.member->applied == std::vector{raft::log_index{3}});
}

TEST_CASE("what a caller asks once it has its answer finds a member that knows what is applied") {
  caller_rig r;
  constexpr raft::log_index asked{99};  // stands for the question
  const auto ask = [&](const result&) {
    actors::send_urgent(r.member_actor, actors::applied{asked, {}});
  };
  actors::expect_applied e{raft::log_index{1}, raft::term{1}, {}};
  e.proposals.push_back(
      {r.t.now() + 10s, std::make_shared<actors::promise>(ask, error{error_code::ok, {}, {}})});
  actors::send(*r.caller, std::move(e));
  r.commit(1, 1, 1);
  r.t.run();
  CHECK(r.member->applied == std::vector{raft::log_index{1}, asked});
}

TEST_CASE("the member hears how long the processor had each batch, and not how long that waited") {
  caller_rig r;
  r.processor->holds = true;
  r.commit(1, 1, 1);
  r.t.run();
  r.commit(1, 2, 1);
  r.t.pass(30ms);
  r.answer();
  r.t.pass(20ms);
  r.answer();
  CHECK(r.member->took == std::vector<actors::clock::duration>{30ms, 20ms});
}

TEST_CASE("entries that hold no command are applied without troubling the processor's replies") {
  caller_rig r;
  auto blank = std::make_shared<raft::entry>(*make_entry(2, 2, ""));
  blank->type = raft::entry_type::configuration;
  r.expect(2, 3, 1);
  r.commit({make_entry(2, 1, "a"), blank, make_entry(2, 3, "b")});
  r.t.run();
  CHECK(*r.heard == answers{"b"});
  CHECK(r.processor->commands() == std::vector<std::string>{"a", "b"});
  CHECK(r.member->applied.back() == raft::log_index{3});
}

TEST_CASE("a proposal whose entry was replaced hears that it surely did not happen") {
  caller_rig r;
  r.expect(1, 1, 1);
  r.commit({make_entry(2, 1, "of another leader")});
  r.t.run();
  CHECK(*r.heard == answers{"no_leader"});
}

TEST_CASE("once a later term is committed below them, proposals surely did not happen") {
  caller_rig r;
  r.expect(1, 1, 3);
  r.expect(2, 4, 1);
  r.commit({make_entry(1, 1, "mine")});
  r.t.run();
  CHECK(*r.heard == answers{"mine"});
  r.commit({make_entry(2, 2, "of another leader")});
  r.t.run();
  CHECK(*r.heard == answers{"mine", "no_leader", "no_leader"});
  r.commit(2, 3, 2);
  r.t.run();
  CHECK(r.heard->back() == "c4");
}

TEST_CASE("a proposal whose index is proposed again has an unknown outcome") {
  caller_rig r;
  r.expect(1, 1, 2);
  r.commit({make_entry(1, 1, "mine")});
  r.t.run();
  // We propose the second index again in a later term. Another member may still hold the first
  // entry and commit it if we do not stay leader: nobody can say that it did not happen.
  r.expect(3, 2, 1);
  r.t.run();
  CHECK(*r.heard == answers{"mine", "outcome_unknown"});
  r.commit({make_entry(3, 2, "mine again")});
  r.t.run();
  CHECK(r.heard->back() == "mine again");
}

TEST_CASE("the processor is given one batch at a time, and whatever has gathered with the next") {
  caller_rig r(4);
  r.processor->holds = true;
  r.commit(1, 1, 1);
  r.t.run();
  for (std::uint64_t i = 2; i <= 7; ++i) r.commit(1, i, 1);
  r.t.run();
  REQUIRE(r.processor->batches.size() == 1);
  CHECK(r.member->applied.empty());
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 3; ++i) {
    sizes.push_back(r.processor->batches.back().size());
    r.answer();
  }
  CHECK(sizes == std::vector<std::size_t>{1, 4, 2});
  CHECK(r.member->applied ==
        std::vector{raft::log_index{1}, raft::log_index{5}, raft::log_index{7}});
}

TEST_CASE("a batch ends with the entry that reaches its byte limit, and holds at least one") {
  caller_rig r(4096, 200);
  raft::entries entries;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    entries.push_back(make_entry(1, i, std::string(i == 4 ? 5000 : 150, 'x')));
  }
  r.commit(std::move(entries));
  r.t.run();
  std::vector<std::size_t> sizes;
  for (const auto& b : r.processor->batches) sizes.push_back(b.size());
  CHECK(sizes == std::vector<std::size_t>{2, 2, 1});
}

TEST_CASE("a processor that takes turns gets the rest again, each command once and in order") {
  caller_rig r;
  r.processor->commands_per_turn = 2;
  r.expect(1, 1, 7);
  r.commit(1, 1, 4);
  r.commit(1, 5, 3);
  r.t.run();
  const answers all{"c1", "c2", "c3", "c4", "c5", "c6", "c7"};
  CHECK(*r.heard == all);
  CHECK(r.processor->commands() == all);
  CHECK(r.member->applied.back() == raft::log_index{7});
}

TEST_CASE("a proposal that is not applied in time has an unknown outcome, and nobody hears twice") {
  caller_rig r;
  r.expect(1, 1, 1, 150ms);
  r.expect(1, 2, 1, 10s);
  r.t.pass(149ms);
  CHECK(r.heard->empty());
  r.t.pass(101ms);
  CHECK(*r.heard == answers{"outcome_unknown"});
  // The entry is applied after all: its late answer reaches nobody, the next one its own asker.
  r.commit(1, 1, 2);
  r.t.run();
  CHECK(*r.heard == answers{"outcome_unknown", "c2"});
}

raft::entry_ptr make_change(std::uint64_t term, std::uint64_t index, std::string book) {
  auto change = std::make_shared<raft::entry>(*make_entry(term, index, std::move(book)));
  change->type = raft::entry_type::configuration;
  change->peers = raft::make_configuration({raft::node_id{1}, raft::node_id{index}});
  return change;
}

TEST_CASE("a configuration entry is a batch of its own that the processor does not see") {
  caller_rig r;
  const auto change = make_change(2, 3, "book");
  r.processor->commands_per_turn = 1;
  r.expect(1, 1, 2);
  r.commit({make_entry(1, 1, "a"), make_entry(1, 2, "b"), change, make_entry(2, 4, "c")});
  r.t.run();
  std::vector<std::string> seen;
  for (const auto& c : r.processor->changes) {
    seen.push_back(to_string(c.index) + "/" + to_string(c.term));
    CHECK_FALSE(c.peers);
  }
  CHECK(seen == std::vector<std::string>{"1/1", "2/1", "4/2"});
  CHECK(r.data->point() == raft::snapshot_point{raft::log_index{3}, raft::term{2}, *change->peers});
  CHECK(r.data->own_keys() == persistence::memory_keys{{"book", "book"}});
  CHECK(r.member->applied.back() == raft::log_index{4});
  CHECK(*r.heard == answers{"a", "b"});
}

TEST_CASE("a configuration entry that the store does not take yet is applied later, once") {
  caller_rig r;
  r.data->stall(3);
  r.commit({make_change(1, 1, {}), make_entry(1, 2, "a")});
  r.t.run();
  CHECK(r.data->applied() == raft::log_index{});
  CHECK(r.processor->batches.empty());
  r.t.pass(100ms);
  CHECK(r.data->applied() == raft::log_index{1});
  CHECK(r.processor->commands() == std::vector<std::string>{"a"});
  CHECK(r.member->applied == std::vector{raft::log_index{1}, raft::log_index{2}});
}

TEST_CASE("a query waits until its index is applied, or until its time is over") {
  caller_rig r;
  r.ask(0, "now");
  r.t.run();
  CHECK(*r.heard == answers{"now"});
  r.ask(2, "later");
  r.ask(9, "never", 30ms);
  r.t.pass(29ms);
  CHECK(r.heard->size() == 1);
  r.t.pass(100ms);
  CHECK(*r.heard == answers{"now", "read_timed_out"});
  r.commit(1, 1, 1);
  r.t.run();
  CHECK(r.heard->size() == 2);
  r.commit(1, 2, 1);
  r.t.run();
  CHECK(*r.heard == answers{"now", "read_timed_out", "later"});
  CHECK(r.processor->queries == std::vector<std::string>{"now", "later"});
}

TEST_CASE("queries that are ready together reach the processor together, in order, not too many") {
  caller_rig r;
  actors::serve_queries at_once;
  answers asked;
  for (int i = 0; i < 130; ++i) {
    asked.push_back(std::to_string(i));
    at_once.queries.push_back({raft::bytes(asked.back()), r.t.now() + 1s, make_promise(r.heard)});
  }
  actors::send(*r.caller, std::move(at_once));
  r.t.run();
  CHECK(r.processor->query_jobs == std::vector<std::size_t>{64, 64, 2});
  CHECK(*r.heard == asked);

  for (const auto* text : {"a", "b", "c"}) r.ask(1, text);
  r.commit(1, 1, 1);
  r.t.run();
  CHECK(r.processor->query_jobs == std::vector<std::size_t>{64, 64, 2, 3});
  CHECK(r.processor->queries.back() == "c");
}

TEST_CASE("an FSM caller with nothing to wait for asks for no wake-up") {
  caller_rig r;
  r.expect(1, 1, 1, 5s);
  r.ask(1, "q", 5s);
  r.t.run();
  CHECK(r.t.timers() == 1);
  r.commit(1, 1, 1);
  r.t.pass(1s);
  CHECK(r.heard->size() == 2);
  CHECK(r.t.timers() == 0);
}

TEST_CASE("a failed store stops the node: nothing is answered, nothing more is applied") {
  caller_rig r;
  r.processor->status = {persistence::status_code::io_error, "the device is gone"};
  r.expect(1, 1, 1);
  r.commit(1, 1, 1);
  r.t.run();
  CHECK(r.fatal == std::vector<std::string>{"applying failed: the device is gone"});
  CHECK(r.heard->empty());
  CHECK(r.member->applied.empty());
  r.commit(1, 2, 3);
  r.t.run();
  CHECK(r.processor->batches.size() == 1);
  CHECK(r.fatal.size() == 1);
}

TEST_CASE("a fenced FSM caller ends without a word: a newer member owns the data") {
  caller_rig r;
  r.processor->status = {persistence::status_code::fenced, "a newer opener has taken over"};
  r.expect(1, 1, 1);
  r.commit(1, 1, 1);
  CHECK(ended(r.t, *r.caller));
  CHECK(r.fatal.empty());
  CHECK(r.member->applied.empty());
  CHECK(*r.heard == answers{"outcome_unknown"});
}

TEST_CASE("a processor that dies takes its FSM caller along, and whoever waited has no outcome") {
  caller_rig r;
  r.processor->holds = true;
  r.expect(1, 1, 3);
  r.commit(1, 1, 1);
  r.ask(3, "later");
  r.t.run();
  test_system::end(r.processor_actor);
  CHECK(ended(r.t, *r.caller));
  CHECK(*r.heard == answers(4, "outcome_unknown"));
  CHECK(r.member->applied.empty());
}

TEST_CASE("leadership reaches the processor in the order of the entries around it") {
  caller_rig r;
  for (std::uint64_t term = 1; term <= 3; ++term) {
    actors::leadership l;
    l.state.term = raft::term{term};
    actors::send(*r.caller, std::move(l));
  }
  r.t.run();
  CHECK(r.processor->leaderships == std::vector{raft::term{1}, raft::term{2}, raft::term{3}});
}
