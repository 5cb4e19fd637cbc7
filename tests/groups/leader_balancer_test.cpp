// The leader balancer: which groups it takes over, how many at a time, and when it rests.
#include "groups/leader_balancer.hpp"

#include <map>
#include <numeric>

#include "codec/group_name.hpp"
#include "groups/leader_preference.hpp"
#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

constexpr raft::node_id here{1};

/// A member of a group: what it says of itself, and how often it was asked to be handed the lead.
struct told_group {
  group_status status;
  std::size_t looks = 0;
  std::size_t transfers = 0;
};

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
                [](groups::propose_request&) {},
                [](groups::query_request&) {},
                [](groups::request_batch&) {},
                [=](const groups::transfer_request& r) {
                  CHECK(r.to == here);
                  CHECK(r.may_forward);
                  ++hear->transfers;
                },
                [](groups::change_request&) {},
                [](const groups::snapshot_request&) {},
                [=](const groups::status_request& r) {
                  ++hear->looks;
                  (*r.done)(hear->status, {});
                },
                [](actors::flush) {}};
      },
      std::move(told)));
}

/// Groups of the nodes 1, 2 and 3 as node 1 sees them: caught up, and led by node 2.
struct balancer_rig {
  explicit balancer_rig(std::uint8_t priority = groups::priority_of_leaders) {
    auto known = std::make_shared<groups::node_facts>();
    known->self = here;
    known->election_priority = priority;
    options.facts = std::move(known);
    options.groups = directory;
    options.ticker = *t.ticker;
    options.first_look_after = 10s;
    options.interval = 1s;
    options.groups_at_once = 5;
    options.rounds_max = 4;
  }
  ~balancer_rig() {
    for (const auto& entry : directory->all()) entry->set_actor(std::nullopt);
  }

  /// Groups that should be led here, or else not; by name.
  void add(std::size_t count, bool should_be_led_here) {
    const auto peers = raft::make_configuration({here, raft::node_id{2}, raft::node_id{3}});
    for (int i = 0; count > 0; ++i) {
      const auto name = "g" + std::to_string(i);
      const auto id = codec::group_id_of(name);
      const bool wanted = groups::leading_rank(id, peers, here) == 0;
      if (wanted != should_be_led_here || told.contains(name)) continue;
      auto entry = std::make_shared<groups::group_entry>(name, id);
      auto group = std::make_shared<told_group>();
      auto& core = group->status.core;
      core.self = here;
      core.soft.leader = raft::node_id{2};
      core.peers = peers;
      core.applied = core.last = raft::log_index{7};
      entry->set_actor(spawn_told_group(t, group));
      directory->put(entry);
      told[name] = std::move(group);
      --count;
    }
  }
  void start() { t.keep(groups::spawn_leader_balancer(*t.system, options)); }
  [[nodiscard]] std::size_t looks() const {
    return std::accumulate(told.begin(), told.end(), std::size_t{0},
                           [](auto sum, const auto& g) { return sum + g.second->looks; });
  }
  [[nodiscard]] std::size_t transfers() const {
    return std::accumulate(told.begin(), told.end(), std::size_t{0},
                           [](auto sum, const auto& g) { return sum + g.second->transfers; });
  }

  std::map<std::string, std::shared_ptr<told_group>> told;
  std::shared_ptr<groups::directory> directory = std::make_shared<groups::directory>();
  test_system t{
      [](caf::actor_system_config& c) { c.add_message_types<caf::id_block::troupe_groups>(); }};
  groups::balancer_options options;
};

}  // namespace

TEST_CASE("what should be led here and is led elsewhere is asked for, a while after the start") {
  balancer_rig r;
  r.add(3, true);
  const auto wanted = r.told;
  r.add(4, false);
  r.start();
  r.t.pass(9900ms);
  CHECK(r.looks() == 0);
  r.t.pass(2s);
  CHECK(r.looks() == 7);
  CHECK(r.transfers() == 3);
  for (const auto& [name, group] : wanted) CHECK(group->transfers == 1);
}

TEST_CASE("a group that cannot be led here, or not yet, is left where it is") {
  using change = void (*)(raft::core_status&);
  const auto spoil = GENERATE(
      as<change>{}, [](auto& s) { s.soft.leader = here; }, [](auto& s) { s.soft.leader = {}; },
      [](auto& s) { s.applied = raft::log_index{6}; }, [](auto& s) { s.peers.outgoing = {here}; },
      [](auto& s) { s.peers = raft::make_configuration({raft::node_id{2}}, {here}); });
  balancer_rig r;
  r.add(1, true);
  spoil(r.told.begin()->second->status.core);
  r.start();
  r.t.pass(60s);
  CHECK(r.looks() >= 1);
  CHECK(r.transfers() == 0);
}

TEST_CASE("at most so many groups are looked at in an interval, however many there are") {
  balancer_rig r;
  r.add(12, true);
  r.start();
  r.t.pass(10'500ms);
  CHECK(r.looks() == 5);
  r.t.pass(1s);
  CHECK(r.looks() == 10);
  r.t.pass(1s);
  CHECK(r.looks() == 12);
  CHECK(r.transfers() == 12);
}

TEST_CASE("a round that found everything in place is the last: operators may move leaders then") {
  balancer_rig r;
  r.add(3, true);
  r.start();
  r.t.pass(10'500ms);
  CHECK(r.transfers() == 3);
  for (auto& [name, group] : r.told) group->status.core.soft.leader = here;
  r.t.pass(60s);
  CHECK(r.looks() == 6);
  for (auto& [name, group] : r.told) group->status.core.soft.leader = raft::node_id{3};
  r.t.pass(600s);
  CHECK(r.looks() == 6);
  CHECK(r.transfers() == 3);
  CHECK(r.t.timers() == 0);
}

TEST_CASE("what does not come is asked for again in each round, and in no more than a few") {
  balancer_rig r;
  r.add(2, true);
  r.start();
  r.t.pass(600s);
  CHECK(r.transfers() == 2 * r.options.rounds_max);
  CHECK(r.t.timers() == 0);
}

TEST_CASE("a group whose member is being restarted is passed over, its turn comes again") {
  balancer_rig r;
  r.add(2, true);
  const auto away = r.directory->all().front();
  const auto member = away->actor();
  away->set_actor(std::nullopt);
  r.start();
  r.t.pass(10'500ms);
  CHECK(r.transfers() == 1);
  away->set_actor(member);
  r.t.pass(600s);
  CHECK(r.told.at(away->name())->transfers > 0);
}

TEST_CASE("a node that is to lead last takes nothing from others") {
  balancer_rig r(groups::priority_of_leaders - 1);
  r.add(3, true);
  r.start();
  r.t.pass(600s);
  CHECK(r.looks() == 0);
}
