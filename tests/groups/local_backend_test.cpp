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
