// The forwarder: asks whoever leads, goes back to the local member when nothing happened, and
// repeats no write whose outcome is unknown.
#include "groups/forwarder.hpp"

#include "codec/group_name.hpp"
#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

struct told_group {
  std::vector<groups::propose_request> proposals;
  std::vector<groups::query_request> queries;
  std::vector<groups::transfer_request> transfers;
  std::vector<groups::change_request> changes;
};

/// A member that keeps what it is asked.
groups::group_actor spawn_told_group(test_system& t, std::shared_ptr<told_group> told) {
  return t.keep(t.system->spawn(
      [](groups::group_actor::pointer,
         const std::shared_ptr<told_group>& hear) -> groups::group_actor::behavior_type {
        return {[](const actors::peer_messages&) {},
                [](const actors::log_stable&) {},
                [](const actors::fetched&) {},
                [](const actors::applied&) {},
                [](const actors::reconfigured&) {},
                [](const actors::exported&) {},
                [](const actors::snapshot_sent&) {},
                [](const actors::installed&) {},
                [](const actors::log_compacted&) {},
                [](actors::due) {},
                [](const actors::peer_lost&) {},
                [](const actors::peer_gone&) {},
                [=](groups::propose_request& r) { hear->proposals.push_back(std::move(r)); },
                [=](groups::query_request& r) { hear->queries.push_back(std::move(r)); },
                [](groups::request_batch&) {},
                [=](groups::transfer_request& r) { hear->transfers.push_back(std::move(r)); },
                [=](groups::change_request& r) { hear->changes.push_back(std::move(r)); },
                [](const groups::snapshot_request&) {},
                [](const groups::status_request&) {},
                [](actors::flush) {}};
      },
      std::move(told)));
}

struct forwarder_rig {
  forwarder_rig() {
    auto known = std::make_shared<groups::node_facts>();
    known->self = raft::node_id{1};
    patience = known->tick * known->election_timeout_ticks;
    for (std::uint64_t n : {1, 2, 3}) links->put(raft::node_id{n}, spawn_link(t, link));
    entry->set_actor(spawn_told_group(t, local));
    directory->put(entry);
    forwarder =
        t.keep(groups::spawn_forwarder(*t.system, {std::move(known), directory, links, *t.ticker}));
  }
  ~forwarder_rig() { entry->set_actor(std::nullopt); }

  void propose(const std::string& text, std::uint64_t leader,
               std::chrono::milliseconds timeout = 1s) {
    actors::send(*forwarder,
                 groups::forward_proposal{
                     "g",
                     raft::node_id{leader},
                     {raft::bytes(text), {}, t.now() + timeout, true, make_promise(heard, text)}});
    t.run();
  }
  void leads(std::uint64_t node, bool former_is_gone = false) {
    actors::send(*forwarder, groups::leader_changed{"g", raft::node_id{node}, former_is_gone});
    t.run();
  }
  void answer_link(std::size_t request, error_code code) {
    link->requests.at(request).done->fail(code, "says the other node");
    t.run();
  }

  std::chrono::milliseconds patience{};
  std::shared_ptr<told_link> link = std::make_shared<told_link>();
  std::shared_ptr<told_group> local = std::make_shared<told_group>();
  std::shared_ptr<answers> heard = std::make_shared<answers>();
  std::shared_ptr<groups::directory> directory = std::make_shared<groups::directory>();
  std::shared_ptr<actors::peer_links> links = std::make_shared<actors::peer_links>();
  groups::group_entry_ptr entry =
      std::make_shared<groups::group_entry>("g", codec::group_id_of("g"));
  test_system t{
      [](caf::actor_system_config& c) { c.add_message_types<caf::id_block::troupe_groups>(); }};
  std::optional<groups::forwarder_actor> forwarder;
};

}  // namespace

TEST_CASE("a proposal goes to the leader's node with the time that is left, and no further") {
  forwarder_rig r;
  r.propose("a", 2, 300ms);
  REQUIRE(r.link->requests.size() == 1);
  const auto& sent = r.link->requests[0].request;
  CHECK(sent.kind == codec::request_kind::propose);
  CHECK(sent.group == "g");
  CHECK(sent.data.view() == "a");
  CHECK(sent.timeout_ms == 300);
  CHECK(sent.forwarded);
  r.link->requests[0].done->answer(response{raft::bytes("done"), {}, {}});
  CHECK(*r.heard == answers{"a done"});
}

TEST_CASE("what surely did not happen goes back to the local member, after a pause") {
  const auto code = GENERATE(error_code::not_leader, error_code::no_leader, error_code::unreachable,
                             error_code::shutting_down);
  forwarder_rig r;
  r.propose("a", 2);
  r.answer_link(0, code);
  r.t.pass(19ms);
  CHECK(r.local->proposals.empty());
  r.t.pass(6ms);
  REQUIRE(r.local->proposals.size() == 1);
  CHECK(r.local->proposals[0].command.view() == "a");
  CHECK(r.heard->empty());
}

TEST_CASE("what may have happened, or would not help, is told to the caller at once") {
  const auto code = GENERATE(error_code::outcome_unknown, error_code::term_mismatch,
                             error_code::refused, error_code::overloaded, error_code::too_large);
  forwarder_rig r;
  r.propose("a", 2);
  r.answer_link(0, code);
  CHECK(*r.heard == answers{"a " + std::string(name_of(code))});
  r.t.pass(2s);
  CHECK(r.local->proposals.empty());
  CHECK(r.link->requests.size() == 1);
}

TEST_CASE("without a leader a proposal waits, and is given up when its time would be over") {
  forwarder_rig r;
  r.entry->set_actor(std::nullopt);
  r.propose("brief", 0, 50ms);
  r.propose("long", 0, 200ms);
  r.propose("hopeless", 0, 20ms);
  CHECK(*r.heard == answers{"hopeless no_leader"});
  r.t.pass(60ms);
  CHECK(*r.heard == answers{"hopeless no_leader", "brief no_leader"});
  r.entry->set_actor(spawn_told_group(r.t, r.local));
  r.t.pass(30ms);
  REQUIRE(r.local->proposals.size() == 1);
  CHECK(r.local->proposals[0].command.view() == "long");
  r.t.pass(1s);
  CHECK(r.t.timers() == 0);
}

TEST_CASE("a node never forwards to itself, nor to a node that it has no link to") {
  const auto leader = GENERATE(as<std::uint64_t>{}, 1, 4);
  forwarder_rig r;
  r.propose("a", leader);
  CHECK(r.link->requests.empty());
  r.t.pass(30ms);
  CHECK(r.local->proposals.size() == 1);
}

TEST_CASE("a proposal whose link is ended has an unknown outcome and is not repeated") {
  forwarder_rig r;
  r.propose("a", 2);
  r.link->requests.clear();  // with the link that held it
  r.t.pass(1s);
  CHECK(*r.heard == answers{"a outcome_unknown"});
  CHECK(r.local->proposals.empty());
}

TEST_CASE("a write that a former leader was asked for is given up once another leads") {
  const bool is_gone = GENERATE(false, true);
  forwarder_rig r;
  r.propose("before", 2, 10s);
  r.leads(3, is_gone);
  r.propose("after", 2, 10s);
  if (!is_gone) {
    // It may be alive and answer what it took while it led.
    CHECK(r.heard->empty());
    r.t.pass(r.patience - 10ms);
    CHECK(r.heard->empty());
    r.t.pass(20ms);
  }
  CHECK(*r.heard == answers{"before outcome_unknown"});
  r.t.pass(5s);
  CHECK(r.heard->size() == 1);
  // Its answer comes too late to be told, or to be acted on.
  r.answer_link(0, error_code::not_leader);
  r.t.pass(100ms);
  CHECK(r.heard->size() == 1);
  CHECK(r.local->proposals.empty());
  CHECK(r.t.timers() == 0);
}

TEST_CASE("a former leader that answers in time is believed, and so is the one that leads now") {
  forwarder_rig r;
  r.propose("a", 2, 10s);
  r.leads(3);
  r.link->requests[0].done->answer(response{raft::bytes("done"), {}, {}});
  r.propose("b", 3, 10s);
  r.t.pass(2 * r.patience);
  CHECK(*r.heard == answers{"a done"});
  r.leads(3);
  r.t.pass(2 * r.patience);
  CHECK(*r.heard == answers{"a done"});
}

TEST_CASE("a change of members is given up with its leader, another group's write is not") {
  forwarder_rig r;
  actors::send(*r.forwarder,
               groups::forward_change{
                   "g", raft::node_id{2}, {{}, r.t.now() + 5s, true, make_promise(r.heard, "c")}});
  r.t.run();
  actors::send(*r.forwarder, groups::leader_changed{"another", raft::node_id{3}, true});
  r.t.run();
  CHECK(r.heard->empty());
  r.leads(1, true);
  CHECK(*r.heard == answers{"c outcome_unknown"});
}

TEST_CASE("a query that its member could not serve comes back to it after a pause") {
  forwarder_rig r;
  actors::send(*r.forwarder, groups::retry_query{"g",
                                                 {raft::bytes("q"), consistency::linearizable,
                                                  r.t.now() + 1s, make_promise(r.heard, "q")}});
  r.t.run();
  CHECK(r.local->queries.empty());
  r.t.pass(25ms);
  REQUIRE(r.local->queries.size() == 1);
  CHECK(r.local->queries[0].request.view() == "q");
}

TEST_CASE("transfers and changes that a member cannot take yet come back to it until it is late") {
  forwarder_rig r;
  const auto ask = [&](const std::string& label, std::chrono::milliseconds timeout) {
    actors::send(*r.forwarder, groups::forward_transfer{"g",
                                                        {},
                                                        {"2", raft::node_id{2}, r.t.now() + timeout,
                                                         true, make_promise(r.heard, label)}});
    actors::send(*r.forwarder,
                 groups::forward_change{
                     "g", {}, {{}, r.t.now() + timeout, true, make_promise(r.heard, label)}});
    r.t.run();
  };
  ask("late", 15ms);
  CHECK(*r.heard == answers{"late no_leader", "late no_leader"});
  ask("in time", 60ms);
  r.t.pass(25ms);
  REQUIRE(r.local->transfers.size() == 1);
  CHECK(r.local->transfers[0].peer == "2");
  REQUIRE(r.local->changes.size() == 1);
  CHECK(r.heard->size() == 2);
}
