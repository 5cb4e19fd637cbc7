// virtual_cluster: whole nodes in one process on one scheduler that is stepped by hand: registry,
// groups and all roles as in production, stores on a disk in memory, links without sockets, a clock
// that moves when a test says so. The same seed gives the same sequence of messages.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codec/group_name.hpp"
#include "groups/local_backend.hpp"
#include "groups/processor_host.hpp"
#include "groups/registry.hpp"
#include "tests/actors/memory_disk.hpp"
#include "tests/groups/virtual_link.hpp"
#include "tests/persistence/scratch_directory.hpp"

namespace troupe::testing {

/// Counts how often each command was applied; a query gives all of them as "key=times key=times".
class counting : public processor {
 public:
  explicit counting(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] std::string group() const override { return name_; }
  reply apply(const command& c, persistence::state_batch& batch) override {
    const std::string key(c.data.view());
    batch.put(key, std::to_string(std::stoi(batch.get(key).value_or("0")) + 1));
    return reply::ok(key);
  }
  [[nodiscard]] reply query(std::string_view, const persistence::state_view& view) const override {
    std::string all;
    view.scan("", "", [&](std::string_view key, std::string_view times) {
      if (!all.empty()) all += " ";
      all.append(key).append("=").append(times);
      return true;
    });
    return reply::ok(all);
  }

 private:
  std::string name_;
};

struct virtual_node {
  persistence::scratch_directory directory;  ///< for the roster and for snapshots
  std::shared_ptr<actors::published<actors::snapshot_intake_actor>> intake =
      std::make_shared<actors::published<actors::snapshot_intake_actor>>();
  std::shared_ptr<groups::node_facts> facts;
  std::shared_ptr<groups::directory> groups = std::make_shared<groups::directory>();
  std::shared_ptr<actors::peer_links> links = std::make_shared<actors::peer_links>();
  std::shared_ptr<groups::child_list> children = std::make_shared<groups::child_list>();
  std::shared_ptr<groups::role_list> roles = std::make_shared<groups::role_list>();
  std::shared_ptr<groups::query_pool> queries;
  std::shared_ptr<groups::local_backend> backend;
  std::vector<std::string> fatal;
  std::optional<groups::registry_actor> registry;
};

class virtual_cluster {
 public:
  explicit virtual_cluster(std::size_t size, std::vector<std::string> groups = {"orders"})
      : groups_(std::move(groups)) {
    for (std::size_t i = 1; i <= size; ++i) {
      members_[raft::node_id{i}] = "node:" + std::to_string(i);
    }
  }
  ~virtual_cluster() {
    while (!nodes_.empty()) stop(nodes_.begin()->first);
  }

  void start_all() {
    for (const auto& [id, address] : members_) start(id);
  }
  void start(raft::node_id id) {
    auto& n = nodes_[id];
    n.facts = std::make_shared<groups::node_facts>();
    n.facts->self = id;
    for (const auto& [member, address] : members_) n.facts->founders.push_back(member);
    n.facts->nodes = std::make_shared<groups::roster>(members_, codec::known_nodes{});
    n.facts->tick = 10ms;
    n.facts->election_timeout_ticks = 30;
    n.facts->seed = seed * 1000 + ++starts_;
    n.facts->requests_max = requests_max;
    n.facts->quiesce_after_ticks = quiesce_after_ticks;
    n.facts->core = core;
    n.backend =
        std::make_shared<groups::local_backend>(n.facts, n.groups, [this] { return t.now(); });
    n.queries = std::make_shared<groups::query_pool>(*t.system, 1, 1024);
    network->listening[id] =
        std::make_shared<groups::inbound_service>(n.facts, n.groups, n.backend, n.intake);
    n.registry = groups::spawn_registry(*t.system, options_for(id, n));
    n.facts->nodes->on_change([&n] {
      if (n.registry) actors::send(*n.registry, groups::nodes_changed{});
    });
    for (const auto& name : groups_) add(id, std::make_shared<counting>(name));
  }
  error add(raft::node_id id, const std::shared_ptr<processor>& p) {
    auto& n = nodes_.at(id);
    const auto name = p->group();
    const auto done = ask<groups::added>(
        t, *n.registry,
        groups::add_group{{name, codec::group_id_of(name), groups::host_maker(p, n.queries)}});
    REQUIRE(done);
    return done->why;
  }
  /// As when a process ends: what is on its disk stays, the others' connections close.
  void stop(raft::node_id id) {
    network->listening.erase(id);
    auto& n = nodes_.at(id);
    test_system::end(*n.registry);
    t.run();
    n.registry.reset();
    for (const auto& entry : n.groups->all()) entry->set_actor(std::nullopt);
    for (const auto& child : n.children->take()) test_system::end(child);
    n.links->clear();
    n.queries->stop();
    t.run();
    nodes_.erase(id);
    for (auto& [other, node] : nodes_) {
      for (const auto& entry : node.groups->all()) {
        if (const auto member = entry->actor()) actors::send(*member, actors::peer_gone{id});
      }
    }
  }
  /// Silently: connections stay, nothing arrives.
  void isolate(raft::node_id id) {
    for (const auto& [other, address] : members_) {
      network->cut.insert({id, other});
      network->cut.insert({other, id});
    }
  }
  void heal() { network->cut.clear(); }
  std::size_t end_role(raft::node_id id, const std::string& role) {
    const auto players = nodes_.at(id).roles->find(role);
    for (const auto& who : players) test_system::end(who);
    return players.size();
  }

  // ---- requests ---------------------------------------------------------------------------------
  /// The answer lands in `heard`, behind the command.
  void propose(raft::node_id at, const std::string& text, std::chrono::milliseconds timeout = 5s,
               const std::string& group = "orders") {
    nodes_.at(at).backend->propose(group, raft::bytes(text), {timeout, {}}, hear(text));
  }
  completion hear(const std::string& label) {
    return [this, label](const result& r) {
      heard.push_back(label + " " + (r ? "ok" : std::string(name_of(r.error().code))));
      terms[label] = r ? r->term : raft::term{};
    };
  }
  /// This node's own view of the group.
  std::string state_of(raft::node_id id, const std::string& group = "orders") {
    std::string all = "unanswered";
    nodes_.at(id).backend->query(group, {}, {1s, consistency::local},
                                 [&](const result& r) { all = testing::text_of(r); });
    t.run();
    return all;
  }

  // ---- what stands ------------------------------------------------------------------------------
  std::optional<groups::group_actor> member(raft::node_id id, const std::string& group = "orders") {
    const auto entry = nodes_.at(id).groups->find(group);
    return entry ? entry->actor() : std::nullopt;
  }
  group_status status(raft::node_id id, const std::string& group = "orders") {
    group_status found;
    found.available = false;
    const auto who = member(id, group);
    if (!who) return found;
    actors::send_urgent(
        *who,
        groups::status_request{std::make_shared<std::function<void(group_status, std::string)>>(
            [&](group_status s, const std::string&) { found = std::move(s); })});
    t.run();
    return found;
  }
  /// Of those that take themselves for the leader the one in the latest term; none if there is
  /// none.
  raft::node_id leader(const std::string& group = "orders") {
    raft::node_id found;
    raft::term latest;
    for (const auto& [id, n] : nodes_) {
      const auto s = status(id, group);
      if (!s.available || s.core.soft.role != raft::role::leader || s.core.soft.term < latest) {
        continue;
      }
      found = id;
      latest = s.core.soft.term;
    }
    return found;
  }
  raft::node_id await_leader(const std::string& group = "orders") {
    raft::node_id found;
    REQUIRE(t.pass_until([&] { return !(found = leader(group)).is_none(); }));
    return found;
  }
  raft::node_id follower() {
    const auto l = await_leader();
    for (const auto& [id, n] : nodes_) {
      if (id != l) return id;
    }
    return {};
  }
  [[nodiscard]] virtual_node& at(raft::node_id id) { return nodes_.at(id); }
  [[nodiscard]] std::map<raft::node_id, virtual_node>& nodes() { return nodes_; }

  std::uint64_t seed = 1;
  std::uint32_t requests_max = 65536;
  std::uint32_t quiesce_after_ticks = 0;
  raft::core_options core;  ///< limits
  std::vector<std::string> heard;
  std::map<std::string, raft::term> terms;  ///< in which each proposal was applied
  std::shared_ptr<virtual_network> network = std::make_shared<virtual_network>();
  std::shared_ptr<memory_disk> disk = std::make_shared<memory_disk>();
  test_system t{
      [](caf::actor_system_config& c) { c.add_message_types<caf::id_block::troupe_groups>(); }};

 private:
  groups::registry_options options_for(raft::node_id id, virtual_node& n) {
    groups::registry_options r;
    r.intake = n.intake;
    r.roster_path = n.directory.path() + "/roster";
    r.snapshots_path = n.directory.path() + "/snapshots";
    r.children = n.children;
    r.roles = n.roles;
    r.facts = n.facts;
    r.groups = n.groups;
    r.links = n.links;
    r.log = disk->open_log("/" + to_string(id) + "-log");
    r.states = disk->open_states("/" + to_string(id) + "-states");
    r.fence = std::make_shared<actors::writer_fence>();
    r.queries = n.queries;
    r.fatal = [&n](const std::string& why) { n.fatal.push_back(why); };
    r.make_link = [this, id, &n](raft::node_id peer, const actors::ticker_actor&) {
      return spawn_virtual_link(
          *t.system, {network, id, peer, [&n, peer](std::optional<raft::group_id> group) {
                        for (const auto& entry : n.groups->all()) {
                          if (group && entry->id() != *group) continue;
                          const auto member = entry->actor();
                          if (member) actors::send(*member, actors::peer_lost{peer});
                        }
                      }});
    };
    return r;
  }

  std::vector<std::string> groups_;
  std::map<raft::node_id, std::string> members_;
  std::map<raft::node_id, virtual_node> nodes_;
  std::uint64_t starts_ = 0;
};

}  // namespace troupe::testing
