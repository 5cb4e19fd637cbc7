// The FSM caller: order, whose answer is whose, and what becomes of proposals that were replaced.
#include "actors/fsm_caller.hpp"

#include "actor_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

/// A state that stands at an index and takes no writes: the processor here is a stand-in.
class fixed_state : public persistence::group_state {
 public:
  explicit fixed_state(std::uint64_t index) : index_(index) {}
  [[nodiscard]] persistence::applied_state point() const override { return {index_, {}, {}}; }
  [[nodiscard]] raft::log_index applied() const override { return index_; }
  [[nodiscard]] std::unique_ptr<persistence::state_write> begin() override { return nullptr; }
  [[nodiscard]] std::unique_ptr<persistence::state_view> view() const override { return nullptr; }
  [[nodiscard]] std::unique_ptr<persistence::state_view> own_view() const override {
    return nullptr;
  }

 private:
  raft::log_index index_;
};

struct told_processor {
  heard<std::string> commands;
  heard<std::string> queries;
  heard<persistence::applied_change> changes;
  std::atomic<std::size_t> commands_per_turn{1000};
};

actors::processor_actor spawn_echo(test_system& t, std::shared_ptr<told_processor> told) {
  return t.keep(t.system->spawn(
      [](actors::processor_actor::pointer,
         std::shared_ptr<told_processor> hear) -> actors::processor_actor::behavior_type {
        return {[=](const actors::apply_batch& b) -> caf::result<actors::apply_done> {
                  actors::apply_done done;
                  for (std::size_t i = 0; i < b.commands.size(); ++i) {
                    const std::string text(b.commands[i].data.view());
                    hear->commands.add(text);
                    done.replies.push_back(text == "no" ? reply::refused("no") : reply::ok(text));
                    if (i + 1 < b.commands.size() && i + 1 >= hear->commands_per_turn) {
                      break;
                    }
                  }
                  hear->changes.add(b.change_at(done.replies.size()));
                  done.applied = hear->changes.all().back().index;
                  return done;
                },
                [=](actors::query_job& q) {
                  hear->queries.add(std::string(q.query.request.view()));
                  q.query.done->answer(response{q.query.request, {}, {}});
                },
                [](const actors::leadership&) {}};
      },
      std::move(told)));
}

struct rig {
  test_system t;
  std::shared_ptr<told_member> member = std::make_shared<told_member>();
  std::shared_ptr<told_processor> processor = std::make_shared<told_processor>();
  std::shared_ptr<heard<std::string>> answers = std::make_shared<heard<std::string>>();
  actors::fsm_caller_actor caller = t.keep(actors::spawn_fsm_caller(
      *t.system, {spawn_member(t, member), spawn_echo(t, processor), *t.ticker,
                  std::make_shared<fixed_state>(0), [](const std::string&) {}}));

  void expect(std::uint64_t term, std::uint64_t first, std::size_t count,
              std::chrono::milliseconds timeout = 10s) {
    actors::expect_applied e{raft::log_index{first}, raft::term{term}, {}};
    for (std::size_t i = 0; i < count; ++i) {
      e.proposals.push_back({actors::clock::now() + timeout, make_promise(answers)});
    }
    actors::send(caller, std::move(e));
  }
  void commit(raft::entries entries) {
    actors::send(caller, actors::committed{std::move(entries)});
  }
};

}  // namespace

TEST_CASE("each proposal hears the reply of its own entry, in order") {
  rig r;
  r.expect(1, 1, 3);
  r.commit({make_entry(1, 1, "a"), make_entry(1, 2, "no"), make_entry(1, 3, "c")});
  REQUIRE(eventually([&] { return r.answers->count() == 3; }));
  CHECK(r.answers->all() == std::vector<std::string>{"a", "refused", "c"});
  REQUIRE(eventually([&] { return r.member->applied.count() == 1; }));
  CHECK(r.member->applied.all().back() == raft::log_index{3});
}

TEST_CASE("a proposal whose entry was replaced hears that it surely did not happen") {
  rig r;
  r.expect(1, 1, 2);
  r.commit({make_entry(2, 1, "of another leader")});
  REQUIRE(eventually([&] { return r.answers->count() == 1; }));
  CHECK(r.answers->all().front() == "no_leader");
  // The second index is proposed again by ourselves in a later term. Another member may still hold
  // the first entry and commit it if we do not stay leader: nobody can say that it did not happen.
  r.expect(3, 2, 1);
  REQUIRE(eventually([&] { return r.answers->count() == 2; }));
  CHECK(r.answers->all().back() == "outcome_unknown");
  r.commit({make_entry(3, 2, "mine")});
  REQUIRE(eventually([&] { return r.answers->count() == 3; }));
  CHECK(r.answers->all().back() == "mine");
}

TEST_CASE("a proposal that is not applied in time has an unknown outcome") {
  rig r;
  r.expect(1, 1, 1, 20ms);
  REQUIRE(eventually([&] { return r.answers->count() == 1; }));
  CHECK(r.answers->all().front() == "outcome_unknown");
}

TEST_CASE("what waits when the caller is ended has an unknown outcome") {
  rig r;
  r.expect(1, 1, 2);
  caf::anon_send_exit(r.caller, caf::exit_reason::kill);
  REQUIRE(eventually([&] { return r.answers->count() == 2; }));
  CHECK(r.answers->all() == std::vector<std::string>{"outcome_unknown", "outcome_unknown"});
}

TEST_CASE("a processor that takes turns gets the rest again, each command once and in order") {
  rig r;
  r.processor->commands_per_turn = 2;
  raft::entries entries;
  std::vector<std::string> texts;
  for (std::uint64_t i = 1; i <= 7; ++i) {
    texts.push_back("c" + std::to_string(i));
    entries.push_back(make_entry(1, i, texts.back()));
  }
  r.expect(1, 1, 7);
  r.commit(std::move(entries));
  REQUIRE(eventually([&] { return r.answers->count() == 7; }));
  CHECK(r.answers->all() == texts);
  CHECK(r.processor->commands.all() == texts);
}

TEST_CASE("a configuration entry is applied in a batch of its own, with what it changes") {
  rig r;
  auto change = std::make_shared<raft::entry>(*make_entry(2, 3, ""));
  change->type = raft::entry_type::configuration;
  change->peers = raft::make_configuration({raft::node_id{1}, raft::node_id{4}});
  r.processor->commands_per_turn = 1;
  r.commit({make_entry(1, 1, "a"), make_entry(1, 2, "b"), change, make_entry(2, 4, "c")});
  REQUIRE(eventually([&] {
    const auto applied = r.member->applied.all();
    return !applied.empty() && applied.back() == raft::log_index{4};
  }));
  std::vector<std::string> seen;
  for (const auto& c : r.processor->changes.all()) {
    seen.push_back(to_string(c.index) + "/" + to_string(c.term) + (c.peers ? " peers" : ""));
    CHECK((!c.peers || c.peers == change->peers));
  }
  CHECK(seen == std::vector<std::string>{"1/1", "2/1", "3/2 peers", "4/2"});
}

TEST_CASE("a query waits until its index is applied, or until its time is over") {
  rig r;
  const auto ask = [&](std::uint64_t index, std::string text, std::chrono::milliseconds timeout) {
    actors::serve_queries q{raft::log_index{index}, {}};
    q.queries.push_back(
        {raft::bytes(std::move(text)), actors::clock::now() + timeout, make_promise(r.answers)});
    actors::send(r.caller, std::move(q));
  };
  ask(0, "now", 10s);
  REQUIRE(eventually([&] { return r.answers->count() == 1; }));
  ask(2, "later", 10s);
  ask(9, "never", 30ms);
  REQUIRE(eventually([&] { return r.answers->count() == 2; }));
  CHECK(r.answers->all().back() == "read_timed_out");
  r.commit({make_entry(1, 1, "a"), make_entry(1, 2, "b")});
  REQUIRE(eventually([&] { return r.answers->count() == 3; }));
  CHECK(r.answers->all().back() == "later");
  CHECK(r.processor->queries.all() == std::vector<std::string>{"now", "later"});
}
