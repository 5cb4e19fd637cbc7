#include "groups/registry.hpp"

#include <spdlog/spdlog.h>

#include <charconv>
#include <deque>
#include <set>

#include "actors/log_reader.hpp"
#include "actors/snapshot_intake.hpp"
#include "actors/snapshotter.hpp"
#include "actors/ticker.hpp"
#include "codec/group_name.hpp"
#include "groups/address.hpp"
#include "groups/forwarder.hpp"
#include "groups/group_actor.hpp"
#include "groups/leader_balancer.hpp"
#include "groups/roster_keeper.hpp"

namespace troupe::groups {
namespace {

constexpr std::chrono::seconds calm{10};
constexpr std::chrono::milliseconds pause_after_many{500};
constexpr std::uint32_t restarts_at_once = 5;
/// How long the link to a node that left is kept: whoever waits for its answer to the very change
/// that removed it gets it. Longer than a member takes to apply what is committed.
constexpr std::chrono::seconds farewell{10};

/// Elections of ten thousand groups at once would take so long that each group's voters give up
/// before they are through, and begin anew. So only so many groups start at a time: who has found
/// its leader, or had two election timeouts to do so, makes room.
constexpr std::size_t settling_max = 512;
constexpr int timeouts_to_settle = 2;

struct running_group {
  group_spec spec;
  group_entry_ptr entry;
  std::uint32_t restarts = 0;  ///< since it last ran calmly
  clock::time_point started;
};

struct registry_state {
  static inline const char* name = "registry";
  registry_state() = default;
  registry_options options;
  services shared;
  std::map<raft::group_id, running_group> groups;
  std::deque<raft::group_id> to_start;                 ///< in the order they came
  std::set<raft::group_id> settling;                   ///< started, and not settled yet
  std::map<raft::node_id, std::string> linked;         ///< where our links lead
  std::map<raft::node_id, clock::time_point> leaving;  ///< until when the links of those are kept
  roster_keeper_actor roster_keeper;
  actors::snapshot_intake_actor intake;
};

using self_pointer = registry_actor::stateful_pointer<registry_state>;

template <class Handle>
caf::actor untyped(const Handle& handle) {
  return caf::actor_cast<caf::actor>(handle);
}

/// Monitored, not linked: a killed child would take a linked registry with it.
template <class Handle>
Handle adopt(self_pointer self, const char* role, Handle child) {
  self->state.options.roles->add(role, child);
  self->monitor(untyped(child));
  self->state.options.children->add(untyped(child));
  return child;
}

void start_link(self_pointer self, raft::node_id node, const std::string& address) {
  auto& state = self->state;
  auto& o = state.options;
  o.links->put(node, adopt(self, "peer_link", o.make_link(node, state.shared.ticker)));
  state.linked[node] = address;
}

void stop_link(self_pointer self, raft::node_id node) {
  auto& links = *self->state.options.links;
  const auto link = links.find(node);
  links.remove(node);
  if (link) caf::anon_send_exit(*link, caf::exit_reason::kill);
}

/// Whether a node that is no longer in the roster has had its time.
bool has_left(self_pointer self, raft::node_id node) {
  const auto now = self->clock().now();
  const auto [until, is_news] = self->state.leaving.try_emplace(node, now + farewell);
  if (is_news) self->delayed_send(registry_actor(self), farewell, nodes_changed{});
  return now >= until->second;
}

/// Links follow the roster: one to each other node, at its present address. A node that came back
/// before its old link was closed gets another one: only a hello tells whether its data is the
/// same.
void update_links(self_pointer self) {
  auto& state = self->state;
  auto wanted = state.options.facts->nodes->addresses();
  wanted.erase(state.options.facts->self);
  std::erase_if(state.linked, [&](const auto& link) {
    const auto& [node, address] = link;
    const auto at = wanted.find(node);
    const bool stays = at == wanted.end() ? !has_left(self, node)
                                          : at->second == address && !state.leaving.contains(node);
    if (stays) return false;
    state.leaving.erase(node);
    stop_link(self, node);
    return true;
  });
  for (const auto& [node, address] : wanted) {
    if (!state.linked.contains(node) && split_address(address)) start_link(self, node, address);
  }
}

void start_log_writer(self_pointer self) {
  auto& o = self->state.options;
  auto& s = self->state.shared;
  // A new one with each: one that was replaced may still be at its last write.
  auto watch = std::make_shared<actors::write_watch>();
  s.writing = watch;
  s.log_writer = adopt(
      self, "log_writer",
      actors::spawn_log_writer(
          self->system(), {o.fence, o.log, o.states, o.links, o.fatal, std::move(watch),
                           [figures = o.figures](auto took) { figures->stages.sync.add(took); }}));
}

void start_log_reader(self_pointer self) {
  auto& o = self->state.options;
  self->state.shared.log_reader =
      adopt(self, "log_reader", actors::spawn_log_reader(self->system(), o.log, o.fatal));
}

void start_snapshots(self_pointer self) {
  auto& o = self->state.options;
  self->state.shared.snapshotter =
      adopt(self, "snapshotter",
            actors::spawn_snapshotter(self->system(),
                                      {o.log, o.states, o.snapshots_path + "/outgoing", o.fatal}));
  auto deliver = [groups = o.groups](raft::group_id group, raft::message m) {
    const auto entry = groups->find(group);
    const auto member = entry ? entry->actor() : std::nullopt;
    if (member) actors::send(*member, actors::peer_messages{{std::move(m)}});
  };
  self->state.intake = adopt(
      self, "snapshot_intake",
      actors::spawn_snapshot_intake(self->system(), {o.snapshots_path + "/incoming", deliver}));
  o.intake->set(self->state.intake);
  o.snapshotter->set(self->state.shared.snapshotter);
}

void start_forwarder(self_pointer self) {
  auto& o = self->state.options;
  self->state.shared.forwarder = adopt(
      self, "forwarder",
      spawn_forwarder(self->system(), {o.facts, o.groups, o.links, self->state.shared.ticker}));
}

void start_roster_keeper(self_pointer self) {
  auto& o = self->state.options;
  self->state.roster_keeper = adopt(
      self, "roster_keeper", spawn_roster_keeper(self->system(), o.roster_path, o.facts->nodes));
}

void start_shared(self_pointer self) {
  auto& o = self->state.options;
  auto& s = self->state.shared;
  s.facts = o.facts;
  s.groups = o.groups;
  s.links = o.links;
  s.log = o.log;
  s.states = o.states;
  s.fatal = o.fatal;
  s.roles = o.roles;
  s.figures = o.figures;
  s.registry = registry_actor(self);
  s.ticker = adopt(self, "ticker", actors::spawn_ticker(self->system(), o.facts->tick));
  start_log_writer(self);
  start_log_reader(self);
  start_snapshots(self);
  start_forwarder(self);
  start_roster_keeper(self);
  update_links(self);
  adopt(self, "leader_balancer",
        spawn_leader_balancer(self->system(), {o.facts, o.groups, s.ticker}));
  for (const auto& worker : o.queries->workers()) adopt(self, "query_worker", worker);
}

void start_group(self_pointer self, running_group& g) {
  g.started = self->clock().now();
  g.entry->set_actor(adopt(self, "group", spawn_group(self->system(), self->state.shared, g.spec)));
}

void start_next(self_pointer self) {
  auto& state = self->state;
  const auto& facts = *state.options.facts;
  while (!state.to_start.empty() && state.settling.size() < settling_max) {
    const auto id = state.to_start.front();
    state.to_start.pop_front();
    state.settling.insert(id);
    start_group(self, state.groups.at(id));
    self->delayed_send(registry_actor(self),
                       facts.tick * facts.election_timeout_ticks * timeouts_to_settle,
                       group_settled{id});
  }
}

void stop_all_groups(registry_state& state) {
  for (auto& [id, g] : state.groups) {
    if (const auto running = g.entry->actor()) {
      caf::anon_send_exit(*running, caf::exit_reason::kill);
    }
  }
}

error add(self_pointer self, const group_spec& spec) {
  auto& state = self->state;
  if (!codec::is_valid_group_name(spec.name)) {
    return {error_code::invalid_argument,
            "group name '" + spec.name + "' must be a letter, then letters, digits, '_' or '-', " +
                "at most " + std::to_string(codec::group_name_bytes_max) + " bytes",
            {}};
  }
  if (const auto taken = state.groups.find(spec.id); taken != state.groups.end()) {
    return {error_code::duplicate_group,
            "The Raft Group [" + taken->second.spec.name + "] is already used",
            {}};
  }
  auto entry = state.options.groups->find(spec.id);
  if (!entry) entry = std::make_shared<group_entry>(spec.name, spec.id);
  state.groups.emplace(spec.id, running_group{spec, entry, 0, {}});
  state.options.groups->put(entry);
  state.to_start.push_back(spec.id);
  start_next(self);
  return {};
}

// ---- when a child ends -------------------------------------------------------------------------

void group_ended(self_pointer self, running_group& g, const caf::error& why) {
  g.entry->set_actor(std::nullopt);
  if (self->clock().now() - g.started > calm) g.restarts = 0;
  // A member that installed a snapshot, or saw that it has a successor, ends on purpose.
  if (why == caf::exit_reason::user_shutdown) return start_group(self, g);
  spdlog::warn("group {} ended ({}), starting it again", g.spec.name, self->system().render(why));
  if (++g.restarts <= restarts_at_once) return start_group(self, g);
  self->delayed_send(registry_actor(self), pause_after_many, restart_group{g.spec.id});
}

/// True when `who` was one of the roles that all groups share; it runs again then.
bool replace_shared(self_pointer self, const caf::actor_addr& who) {
  auto& s = self->state.shared;
  if (who == s.log_writer.address()) {
    start_log_writer(self);
  } else if (who == s.log_reader.address()) {
    start_log_reader(self);
  } else if (who == s.snapshotter.address() || who == self->state.intake.address()) {
    start_snapshots(self);
  } else if (who == s.forwarder.address()) {
    start_forwarder(self);
  } else if (who == s.ticker.address()) {
    s.ticker = adopt(self, "ticker", actors::spawn_ticker(self->system(), s.facts->tick));
    caf::anon_send_exit(s.forwarder, caf::exit_reason::kill);
    for (const auto& [node, address] : self->state.linked) {
      if (const auto link = s.links->find(node)) {
        caf::anon_send_exit(*link, caf::exit_reason::kill);
      }
    }
  } else {
    return false;
  }
  return true;
}

bool replace_link(self_pointer self, const caf::actor_addr& who) {
  auto& s = self->state.shared;
  for (const auto& [node, address] : std::map(self->state.linked)) {
    const auto link = s.links->find(node);
    if (!link || link->address() != who) continue;
    start_link(self, node, address);
    return true;
  }
  return false;
}

void child_ended(self_pointer self, const caf::down_msg& m) {
  auto& state = self->state;
  state.options.children->remove(m.source);
  for (auto& [id, g] : state.groups) {
    const auto running = g.entry->actor();
    if (running && running->address() == m.source) return group_ended(self, g, m.reason);
  }
  if (replace_shared(self, m.source)) {
    spdlog::error("a role of all groups ended, the groups start again from disk");
    return stop_all_groups(state);
  }
  if (replace_link(self, m.source)) return;
  if (m.source == state.roster_keeper.address()) return start_roster_keeper(self);
  if (const auto worker = state.options.queries->replace(m.source))
    adopt(self, "query_worker", *worker);
}

registry_actor::behavior_type make_registry(self_pointer self, registry_options options) {
  self->state.options = std::move(options);
  self->set_down_handler([=](const caf::down_msg& m) { child_ended(self, m); });
  start_shared(self);
  for (const auto& spec : std::exchange(self->state.options.specs, {})) add(self, spec);
  return {
      [=](const add_group& a) -> caf::result<added> { return added{add(self, a.spec)}; },
      [=](const resolve_peer& r) -> caf::result<resolved_peer> {
        const auto& o = self->state.options;
        return resolve(*o.facts, *o.groups, r.group, r.peer);
      },
      [=](const restart_group& r) {
        const auto found = self->state.groups.find(r.id);
        if (found == self->state.groups.end() || found->second.entry->actor()) return;
        start_group(self, found->second);
      },
      [=](const group_settled& s) {
        self->state.settling.erase(s.id);
        start_next(self);
      },
      [=](nodes_changed) {
        update_links(self);
        actors::send(self->state.roster_keeper, nodes_changed{});
      },
  };
}

/// None when the text is neither an id nor host:port.
std::optional<raft::node_id> parse_peer(const node_facts& facts, const std::string& text,
                                        bool& parsed) {
  std::uint64_t id = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, id);
  if (failed == std::errc{} && stop == end && id > 0) {
    parsed = true;
    if (facts.nodes->contains(raft::node_id{id})) return raft::node_id{id};
    return std::nullopt;
  }
  parsed = split_address(text).has_value();
  for (const auto& [node, address] : facts.nodes->addresses()) {
    if (parsed && address == text) return node;
  }
  return std::nullopt;
}

}  // namespace

resolved_peer resolve(const node_facts& facts, const directory& groups, const std::string& group,
                      const std::string& text) {
  const auto entry = groups.find(group);
  if (!entry) {
    return {
        {error_code::unknown_group, "No corresponding Raft Group found : " + group, {}}, {}, {}};
  }
  bool parsed = false;
  const auto node = parse_peer(facts, text, parsed);
  if (!parsed) {
    return {{error_code::unparsable_peer, "Fail to parse peerId: " + text, {}}, {}, {}};
  }
  if (!node) {
    return {
        {error_code::unknown_peer, "Peer id not found: " + text + ", group: " + group, {}}, {}, {}};
  }
  return {{}, *node, entry->actor()};
}

registry_actor spawn_registry(caf::actor_system& system, registry_options options) {
  return system.spawn(make_registry, std::move(options));
}

}  // namespace troupe::groups
