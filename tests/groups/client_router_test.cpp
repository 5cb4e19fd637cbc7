// The client router: finds the leader by asking, remembers it, and repeats only what surely did not
// happen.
#include "groups/client_router.hpp"

#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

struct router_rig {
  explicit router_rig(std::vector<std::string> endpoints) {
    router = t.keep(groups::spawn_client_router(
        *t.system, {std::move(endpoints),
                    [this](std::size_t, const std::string& address) {
                      auto& told = links[address] = std::make_shared<told_link>();
                      return spawn_link(t, told);
                    },
                    *t.ticker}));
    t.run();
  }
  void ask(const std::string& text, std::chrono::milliseconds timeout = 1s,
           const std::string& group = "g",
           codec::request_kind kind = codec::request_kind::propose) {
    codec::request r;
    r.kind = kind;
    r.group = group;
    r.data = raft::bytes(text);
    actors::send(*router, groups::client_request{std::move(r), t.now() + timeout,
                                                 make_promise(heard, text)});
    t.run();
  }
  [[nodiscard]] std::size_t asked(const std::string& address) const {
    return links.at(address)->requests.size();
  }
  /// Answers the last request that `address` was sent.
  void fail(const std::string& address, error_code code, const std::string& leader = {}) {
    links.at(address)->requests.back().done->fail(code, "says " + address, leader);
    t.run();
  }
  void succeed(const std::string& address) {
    links.at(address)->requests.back().done->answer(response{raft::bytes("by " + address), {}, {}});
    t.run();
  }

  std::map<std::string, std::shared_ptr<told_link>> links;
  std::shared_ptr<answers> heard = std::make_shared<answers>();
  test_system t{
      [](caf::actor_system_config& c) { c.add_message_types<caf::id_block::troupe_groups>(); }};
  std::optional<groups::client_router_actor> router;
};

}  // namespace

TEST_CASE("the router follows a hint to the leader at once and goes there first from then on") {
  router_rig r({"a:1", "b:1"});
  r.ask("w1");
  REQUIRE(r.asked("a:1") == 1);
  CHECK(r.links["a:1"]->requests[0].request.forwarded);
  r.fail("a:1", error_code::not_leader, "c:1");
  REQUIRE(r.links.contains("c:1"));
  REQUIRE(r.asked("c:1") == 1);
  r.succeed("c:1");
  r.ask("w2");
  CHECK(r.asked("c:1") == 2);
  // Another group may be led elsewhere.
  r.ask("x", 1s, "other");
  CHECK(r.asked("a:1") == 2);
  CHECK(*r.heard == answers{"w1 by c:1"});
}

TEST_CASE("a write whose outcome is unknown is never repeated, nor what would fail again") {
  const auto code =
      GENERATE(error_code::outcome_unknown, error_code::refused, error_code::term_mismatch,
               error_code::overloaded, error_code::too_large, error_code::unknown_group);
  router_rig r({"a:1", "b:1"});
  r.ask("w");
  r.fail("a:1", code);
  CHECK(*r.heard == answers{"w " + std::string(name_of(code))});
  r.t.pass(5s);
  CHECK(r.asked("a:1") + r.asked("b:1") == 1);
}

TEST_CASE("what surely did not happen is asked of the next node, after a pause") {
  const auto code = GENERATE(error_code::no_leader, error_code::unreachable,
                             error_code::shutting_down, error_code::not_leader);
  router_rig r({"a:1", "b:1"});
  r.ask("w");
  r.fail("a:1", code);
  r.t.pass(19ms);
  CHECK(r.asked("b:1") == 0);
  r.t.pass(6ms);
  REQUIRE(r.asked("b:1") == 1);
  r.succeed("b:1");
  CHECK(*r.heard == answers{"w by b:1"});
}

TEST_CASE("a leader that is gone is forgotten, and the others are asked in turn") {
  router_rig r({"a:1", "b:1", "c:1"});
  r.ask("w1");
  r.fail("a:1", error_code::not_leader, "c:1");
  r.succeed("c:1");
  r.ask("w2");
  r.fail("c:1", error_code::unreachable);
  r.t.pass(30ms);
  REQUIRE(r.asked("a:1") == 2);
  r.fail("a:1", error_code::not_leader, "b:1");
  REQUIRE(r.asked("b:1") == 1);
  r.succeed("b:1");
  CHECK(*r.heard == answers{"w1 by c:1", "w2 by b:1"});
}

TEST_CASE("a request is given up when its time is over, and each try is told what is left of it") {
  router_rig r({"a:1"});
  r.ask("w", 100ms);
  for (std::size_t failed = 0; r.heard->empty() && failed < 100; ++failed) {
    REQUIRE(r.asked("a:1") == failed + 1);
    CHECK(r.links["a:1"]->requests.back().request.timeout_ms + 20 * failed <= 100);
    r.fail("a:1", error_code::no_leader);
    r.t.pass(25ms);
  }
  CHECK(*r.heard == answers{"w no_leader"});
  CHECK(r.asked("a:1") <= 5);
  CHECK(r.t.timers() == 0);
}

TEST_CASE("when a link ends, a write that it held has an unknown outcome, a read is asked again") {
  router_rig r({"a:1"});
  r.ask("write");
  r.ask("read", 1s, "g", codec::request_kind::query);
  r.links["a:1"]->requests.clear();
  r.t.run();
  CHECK(*r.heard == answers{"write outcome_unknown"});
  r.t.pass(30ms);
  REQUIRE(r.asked("a:1") == 1);
  CHECK(r.links["a:1"]->requests[0].request.data.view() == "read");
  r.succeed("a:1");
  CHECK(*r.heard == answers{"write outcome_unknown", "read by a:1"});
}
