// What is taken away since nobody needs it any more, with the real groups behind. nacos-spec E.1.5,
// E.2.2, E.3.1.
#include "naming/sweeper.hpp"

#include <catch2/catch.hpp>

#include "processors/instance_metadata.hpp"
#include "processors/naming_service_messages.hpp"
#include "processors/persistent_instances.hpp"
#include "processors/service_metadata.hpp"
#include "tests/processors/applied_group.hpp"

using namespace troupe;
using namespace troupe::test;
using naming::catalogue;
using naming::service_key;
using naming::sweeper;
namespace messages = processors::naming;

namespace {

const service_key orders{"public", "g", "orders"};
const std::string tag = "10.0.0.1:80:DEFAULT";
constexpr std::uint64_t start = 1'000'000;

/// A node that leads, with its three groups.
struct node {
  std::shared_ptr<catalogue> view = std::make_shared<catalogue>();
  applied_group<processors::persistent_instances> instances;
  applied_group<processors::service_metadata> settings;
  applied_group<processors::instance_metadata> overlays;
  std::vector<std::string> proposed;  ///< names of groups
  bool answers = true;
  std::vector<completion> unanswered;
  sweeper sweeps{view, {}, [this](auto group, auto entry, auto done) {
                   proposed.emplace_back(group);
                   if (!answers) return unanswered.push_back(std::move(done));
                   carry_out(std::string(group), entry);
                   done(response{});
                 }};

  explicit node(bool loaded = true) {
    instances.processor().observe(view);
    settings.processor().observe(view);
    overlays.processor().observe(view);
    if (loaded) load();
    instances.processor().leader_started(raft::term{1});
  }
  void load() {
    instances.load();
    settings.load();
    overlays.load();
  }
  void carry_out(const std::string& group, const raft::bytes& entry) {
    const std::string bytes(entry.view());
    const auto r = group == instances.processor().group()  ? instances.apply(bytes)
                   : group == settings.processor().group() ? settings.apply(bytes)
                                                           : overlays.apply(bytes);
    CHECK(r.error == "");
  }

  static messages::stamp at(std::uint64_t ms) { return {ms, 1, raft::node_id{1}}; }
  void enroll(std::uint64_t ms, const service_key& service = orders) {
    messages::command c;
    c.verb = messages::verb_add;
    c.service = service.view();
    c.instance.ip = "10.0.0.1";
    c.instance.port = 80;
    c.stamp = at(ms);
    CHECK(instances.apply(messages::encode(c)).success);
  }
  void withdraw(std::uint64_t ms) {
    messages::command c;
    c.verb = messages::verb_delete;
    c.service = orders.view();
    c.instance.ip = "10.0.0.1";
    c.instance.port = 80;
    c.stamp = at(ms);
    CHECK(instances.apply(messages::encode(c)).success);
  }
  void create(std::uint64_t ms) {
    CHECK(instances
              .apply(messages::encode(
                  messages::service_command{messages::verb_service_add, orders.view(), at(ms)}))
              .success);
  }
  void set(std::uint64_t ms, messages::service_settings s = {}) {
    CHECK(settings
              .apply(messages::encode(
                  messages::settings_command{messages::verb_change, orders.view(), s, at(ms)}))
              .success);
  }
  void lay_over(std::uint64_t ms) {
    messages::patch_overlays c{orders.view(), {tag}, {}, at(ms)};
    c.change.weight = 3;
    CHECK(overlays.apply(messages::encode(c)).success);
  }
  /// Sweeps every five seconds from one time to another.
  void sweep(std::uint64_t from_ms, std::uint64_t to_ms) {
    for (auto now = from_ms; now <= to_ms; now += 5'000) sweeps.sweep(now);
  }
};

}  // namespace

TEST_CASE("a service that came with an instance goes a minute after the last one left") {
  node n;
  n.enroll(start);
  n.sweep(start, start + 300'000);
  CHECK(n.proposed.empty());
  n.withdraw(start + 300'000);
  n.sweep(start + 300'000, start + 359'999);
  CHECK(n.view->find(orders));
  n.sweeps.sweep(start + 360'000);
  CHECK_FALSE(n.view->find(orders));
  CHECK(n.proposed == std::vector<std::string>{"naming_persistent_service_v2"});
  n.sweep(start + 365'000, start + 500'000);
  CHECK(n.proposed.size() == 1);
}

TEST_CASE("a service that a user created, or set something for, stays") {
  node n;
  SECTION("created") {
    n.create(start);
  }
  SECTION("set") {
    n.enroll(start);
    n.set(start);
    n.withdraw(start);
  }
  n.sweep(start, start + 300'000);
  CHECK(n.view->find(orders));
  CHECK(n.proposed.empty());
}

TEST_CASE("settings without a service go after a minute, and those of ephemeral ones stay") {
  node n;
  messages::service_settings s;
  SECTION("left over") {
    n.set(start, s);
    n.sweep(start, start + 59'999);
    CHECK_FALSE(n.settings.keys().empty());
    n.sweeps.sweep(start + 60'000);
    CHECK(n.settings.keys().empty());
    CHECK(n.proposed == std::vector<std::string>{"naming_service_metadata"});
  }
  SECTION("of an ephemeral service that another node knows") {
    s.ephemeral = true;
    n.set(start, s);
    n.sweep(start, start + 300'000);
    CHECK_FALSE(n.settings.keys().empty());
  }
  SECTION("of an ephemeral service that this node knows") {
    naming::host h;
    h.ip = "10.0.0.1";
    h.ephemeral = true;
    n.view->put_ephemeral(orders, h);
    n.set(start, s);
    n.sweep(start, start + 300'000);
    CHECK_FALSE(n.settings.keys().empty());
  }
}

TEST_CASE("an overlay waits a minute for its instance to come back") {
  node n;
  n.create(start);
  n.enroll(start);
  n.lay_over(start);
  n.withdraw(start + 10'000);
  n.sweep(start + 10'000, start + 65'000);
  n.enroll(start + 65'000);
  n.sweep(start + 70'000, start + 300'000);
  CHECK_FALSE(n.overlays.keys().empty());
  CHECK(n.view->find(orders)->hosts.at(0)->weight == 3);

  n.withdraw(start + 300'000);
  n.sweep(start + 300'000, start + 359'999);
  CHECK_FALSE(n.overlays.keys().empty());
  n.sweeps.sweep(start + 360'000);
  CHECK(n.overlays.keys().empty());
  CHECK(n.proposed == std::vector<std::string>{"naming_instance_metadata"});
}

TEST_CASE("an overlay of another cluster than the instance's is left over") {
  node n;
  n.enroll(start);
  messages::overlay_command c{
      messages::verb_add, orders.view(), "10.0.0.1:80:west", {false, {}, {}}, node::at(start)};
  CHECK(n.overlays.apply(messages::encode(c)).success);
  n.sweep(start, start + 60'000);
  CHECK(n.overlays.keys().empty());
}

TEST_CASE("what was written while a sweep was on its way survives it") {
  node n;
  n.set(start);
  n.sweep(start, start + 55'000);
  n.answers = false;
  n.sweeps.sweep(start + 60'000);
  REQUIRE(n.unanswered.size() == 1);
  // The entry in the log behind the new write.
  n.set(start + 60'000);
  messages::expire_settings late{start + 1, {orders.view()}, node::at(start + 60'000)};
  CHECK(n.settings.apply(messages::encode(late)).success);
  CHECK_FALSE(n.settings.keys().empty());
}

TEST_CASE("one entry a group is under way at a time, also when the answer never comes") {
  node n;
  n.set(start);
  n.sweep(start, start + 55'000);
  n.answers = false;
  n.sweep(start + 60'000, start + 100'000);
  CHECK(n.proposed.size() == 1);
  n.unanswered.clear();  // destroyed uncalled
  n.sweep(start + 105'000, start + 200'000);
  CHECK(n.proposed.size() == 2);
  n.unanswered[0](raft::unexpected(error{error_code::no_leader, "", {}}));
  n.unanswered.clear();
  n.answers = true;
  n.sweep(start + 205'000, start + 205'000);
  CHECK(n.settings.keys().empty());
}

TEST_CASE("a node that does not lead sweeps nothing") {
  node n;
  n.set(start);
  n.instances.processor().leader_stopped();
  n.sweep(start, start + 300'000);
  CHECK(n.proposed.empty());
}

TEST_CASE("a node that has not been told everything yet sweeps nothing") {
  node n(false);
  n.instances.load();
  n.settings.load();
  n.set(start);
  n.sweep(start, start + 300'000);
  CHECK(n.proposed.empty());
  n.overlays.load();
  n.sweep(start + 305'000, start + 365'000);
  CHECK(n.settings.keys().empty());
}

TEST_CASE("who comes to lead waits a minute of its own") {
  node n;
  n.set(start);
  n.sweep(start, start + 30'000);
  n.instances.processor().leader_stopped();
  n.sweep(start + 35'000, start + 100'000);
  n.instances.processor().leader_started(raft::term{2});
  n.sweep(start + 105'000, start + 160'000);
  CHECK(n.proposed.empty());
  n.sweeps.sweep(start + 165'000);
  CHECK(n.settings.keys().empty());
}

TEST_CASE("more than fits into one entry goes with the next sweep") {
  node n;
  for (unsigned from = 0; from < 2'000; from += 1'000) {
    std::vector<std::string> tags;
    for (unsigned i = from; i < from + 1'000; ++i) {
      tags.push_back("10.0.0.1:" + std::to_string(i) + ":DEFAULT");
    }
    messages::patch_overlays c{orders.view(), {tags.begin(), tags.end()}, {}, node::at(start)};
    c.change.weight = 3;
    CHECK(n.overlays.apply(messages::encode(c)).success);
  }
  n.sweeps.sweep(start);
  n.sweeps.sweep(start + 60'000);
  CHECK(n.overlays.keys().size() == 2'000 - messages::expired_overlays_max);
  n.sweeps.sweep(start + 65'000);
  CHECK(n.overlays.keys().empty());
}
