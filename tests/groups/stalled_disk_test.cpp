// A member whose disk hangs lets others lead.
#include "group_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

/// Node 1 of three, which holds more than 100 ms at one write against its disk.
struct impatient_group : scripted_group {
  impatient_group() {
    auto known = std::make_shared<groups::node_facts>(*node.facts);
    known->disk_stall_max = 100ms;
    node.facts = std::move(known);
    node.writing = watch;
  }
  /// Orders to campaign that went to a node.
  std::size_t named(std::uint64_t peer) {
    std::size_t found = 0;
    for (const auto& out : links[peer]->plain) {
      found += static_cast<std::size_t>(std::count_if(
          out.messages.begin(), out.messages.end(),
          [](const auto& m) { return std::holds_alternative<raft::timeout_now>(m.body); }));
    }
    return found;
  }
  std::shared_ptr<actors::write_watch> watch = std::make_shared<actors::write_watch>();
};

}  // namespace

TEST_CASE("a leader whose disk has been at one write for too long makes way to who has most") {
  impatient_group g;
  g.start();
  const auto term = g.lead();
  g.acknowledge(term, 1);
  g.propose("x");
  g.t.run();
  g.acknowledge(term, 2);
  g.from(3, term, raft::append_response{true, raft::log_index{1}, {}, {}, {}});
  g.watch->begin(g.t.now());
  g.t.pass(90ms);
  CHECK(g.named(2) == 0);
  g.t.pass(60ms);
  CHECK(g.named(2) == 1);
  CHECK(g.named(3) == 0);
  // What comes now is for the next leader.
  g.propose("y");
  g.t.run();
  REQUIRE(g.forwarder->proposals.size() == 1);
  const auto next = raft::term{term.value() + 1};
  g.from(2, next, raft::vote_request{false, true, raft::log_index{2}, term});
  g.t.run();
  CHECK(g.status().core.soft.role == raft::role::follower);
  CHECK(g.node.figures->made_way == 1);
}

TEST_CASE("a leader whose disk is slow but works, or that is to be patient, goes on leading") {
  impatient_group g;
  const bool waits_for_ever = GENERATE(false, true);
  if (waits_for_ever) {
    auto known = std::make_shared<groups::node_facts>(*g.node.facts);
    known->disk_stall_max = 0ms;
    g.node.facts = std::move(known);
  }
  g.start();
  const auto term = g.lead();
  for (int i = 0; i < 10; ++i) {
    g.acknowledge(term, 1);
    if (!waits_for_ever || i == 0) g.watch->begin(g.t.now());
    g.t.pass(90ms);
  }
  CHECK(g.named(2) + g.named(3) == 0);
  CHECK(g.status().core.soft.role == raft::role::leader);
  CHECK(g.node.figures->made_way == 0);
}
