// Requests from inside a node: how many a group takes, and that each place is given back.
#include "groups/local_backend.hpp"

#include "codec/frame.hpp"
#include "group_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

struct backend_rig : scripted_group {
  backend_rig(std::uint32_t requests_max, std::uint64_t bytes_max) {
    auto facts = std::make_shared<groups::node_facts>(*node.facts);
    facts->requests_max = requests_max;
    facts->request_bytes_max = bytes_max;
    backend =
        std::make_shared<groups::local_backend>(facts, node.groups, [this] { return t.now(); });
    start();
    entry->set_actor(*member);
    node.groups->put(entry);
    const auto term = lead();
    acknowledge(term, 1);
  }
  ~backend_rig() { entry->set_actor(std::nullopt); }

  void propose(const std::string& text, const std::string& group = "orders") {
    backend->propose(group, raft::bytes(text), {5s, {}}, [into = heard](const result& r) {
      into->push_back(r ? std::string(r->data.view()) : std::string(name_of(r.error().code)));
    });
  }

  groups::group_entry_ptr entry =
      std::make_shared<groups::group_entry>("orders", codec::group_id_of("orders"));
  std::shared_ptr<groups::local_backend> backend;
};

}  // namespace

TEST_CASE("a group that is full says so at once, and takes more as soon as one is answered") {
  backend_rig b(2, 1000);
  for (const auto* text : {"a", "b", "c"}) b.propose(text);
  CHECK(*b.heard == answers{"overloaded"});
  b.t.run();
  b.acknowledge(raft::term{1}, 3);
  b.sync();
  CHECK(*b.heard == answers{"overloaded", "did a", "did b"});
  CHECK(b.entry->waiting() == 0);
  b.propose("d");
  CHECK(b.heard->size() == 3);
}

TEST_CASE("a group that holds too many bytes refuses more, but takes what is small enough") {
  backend_rig b(100, 1000);
  b.propose(std::string(600, 'x'));
  b.propose(std::string(500, 'y'));
  b.propose(std::string(400, 'z'));
  CHECK(*b.heard == answers{"overloaded"});
  CHECK(b.entry->waiting() == 2);
}

TEST_CASE("a request that its group's member takes with it gives its place back") {
  backend_rig b(2, 1000);
  for (const auto* text : {"a", "b"}) b.propose(text);
  test_system::end(*b.member);
  b.t.run();
  b.entry->set_actor(std::nullopt);
  CHECK(b.heard->size() == 2);
  CHECK(b.entry->waiting() == 0);
  // Nobody is there to take it: it surely did not happen.
  b.propose("c");
  CHECK(b.heard->back() == "no_leader");
  CHECK(b.entry->waiting() == 0);
}

TEST_CASE("unknown groups and requests that are too large never reach a member") {
  backend_rig b(2, 100U << 20U);
  b.propose("a", "nobody");
  b.propose(std::string(codec::payload_bytes_max + 1, 'x'));
  CHECK(*b.heard == answers{"unknown_group", "too_large"});
  CHECK(b.entry->waiting() == 0);
}

TEST_CASE("requests that came together are admitted one by one, and answered one by one") {
  backend_rig b(3, 1000);
  const auto hear = [&](const std::string& label) {
    return [into = b.heard, label](const result& r) {
      into->push_back(label + " " +
                      (r ? std::string(r->data.view()) : std::string(name_of(r.error().code))));
    };
  };
  groups::gathered_requests together(*b.backend);
  together.propose("orders", raft::bytes("a"), {5s, {}}, true, hear("first"));
  together.query("orders", raft::bytes("b"), {5s, consistency::local}, hear("second"));
  together.propose("nobody", raft::bytes("c"), {5s, {}}, true, hear("third"));
  together.propose("orders", raft::bytes("d"), {5s, {}}, true, hear("fourth"));
  together.propose("orders", raft::bytes("e"), {5s, {}}, true, hear("fifth"));
  CHECK(*b.heard == answers{"third unknown_group", "fifth overloaded"});
  CHECK(b.entry->waiting() == 3);
  together.hand_over();
  b.t.run();
  b.acknowledge(raft::term{1}, 3);
  b.sync();
  CHECK(std::count(b.heard->begin(), b.heard->end(), "first did a") == 1);
  CHECK(std::count(b.heard->begin(), b.heard->end(), "fourth did d") == 1);

  // The processor here answers no query: its place comes back with the promise.
  CHECK(b.entry->waiting() == 0);
  CHECK(std::count(b.heard->begin(), b.heard->end(), "second no_leader") == 1);
  CHECK(b.heard->size() == 5);
}

TEST_CASE("requests that came together while no member is there surely did not happen") {
  backend_rig b(3, 1000);
  b.entry->set_actor(std::nullopt);
  answers heard;
  const auto hear = [&](const result& r) { heard.emplace_back(name_of(r.error().code)); };
  groups::gathered_requests together(*b.backend);
  together.propose("orders", raft::bytes("a"), {5s, {}}, true, hear);
  together.query("orders", raft::bytes("b"), {5s, consistency::linearizable}, hear);
  together.hand_over();
  CHECK(heard == answers{"no_leader", "no_leader"});
  CHECK(b.entry->waiting() == 0);
}
