#include "tests/simulation/world.hpp"

#include <sstream>

namespace troupe::simulation {

namespace {

constexpr fault strike_kinds[] = {
    fault::one_way_cut, fault::partition, fault::isolated_leader, fault::crash, fault::slow_disk,
    fault::failed_sync, fault::full_disk, fault::clock_jump,      fault::pause, fault::transfer,
    fault::wipe,        fault::impostor,  fault::leader_removal};

}  // namespace

world::world(const plan& p, std::size_t lines_kept, std::FILE* out)
    : plan_(p), chance_(mix(p.seed) ^ 0x5eed), trace_(lines_kept, out) {
  build();
}
world::~world() = default;

void world::build() {
  for (const fault f : strike_kinds) {
    if (plan_.faults.has(f)) {
      strikes_.push_back(f);
    }
  }
  std::vector<raft::node_id> voters;
  for (std::uint32_t i = 1; i <= plan_.voters; ++i) {
    voters.push_back(raft::node_id{i});
  }
  transfer_targets_.resize(plan_.groups);
  for (std::uint32_t g = 0; g < plan_.groups; ++g) {
    groups_.emplace_back(
        raft::snapshot_point{.index = {}, .term = {}, .peers = raft::make_configuration(voters)});
    arrange(spread(plan_.administer_units), event_kind::administer, {}, g);
  }
  for (std::uint32_t i = 1; i <= plan_.voters + plan_.spares; ++i) {
    start(*nodes_[add_node(raft::node_id{i}, i > plan_.voters)]);
  }
  for (std::uint32_t g = 0; g < plan_.groups; ++g) {
    for (std::uint32_t slot = 0; slot < plan_.clients_per_group; ++slot) {
      auto& c = clients_.emplace_back();
      c.group = g;
      c.slot = slot;
      arrange(spread(1000), event_kind::think, {}, g,
              static_cast<std::uint32_t>(clients_.size() - 1));
    }
  }
  arrange(spread(plan_.strike_units), event_kind::strike, {});
}

// A node that is new to the cluster begins without any configuration: it waits to be added.
std::uint32_t world::add_node(raft::node_id id, bool is_new_id) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(std::make_unique<node>());
  auto& n = *nodes_.back();
  n.index = index;
  n.id = id;
  n.disk_mark = chance_.draw();
  n.tick_interval = tick_units;
  if (plan_.faults.has(fault::clock_drift)) {
    const std::uint32_t most = plan_.leases ? 4 : 60;
    n.tick_interval = chance_.between(tick_units - most, tick_units + most);
    trace_.strike(fault::clock_drift, index, n.tick_interval);
  }
  for (std::uint32_t g = 0; g < plan_.groups; ++g) {
    raft::snapshot_point begins;
    if (!is_new_id) {
      for (std::uint32_t v = 1; v <= plan_.voters; ++v) {
        begins.peers.voters.push_back(raft::node_id{v});
      }
    }
    n.members.push_back(std::make_unique<member>(index, g, begins));
  }
  for (auto& other : nodes_) {
    other->links.resize(nodes_.size());
  }
  if (id.value() >= routes_.size()) {
    routes_.resize(id.value() + 1);
    disk_marks_.resize(id.value() + 1);
    disk_marks_[id.value()] = n.disk_mark;
  }
  routes_[id.value()] = index;
  return index;
}

node* world::find(raft::node_id id) {
  return id.value() == 0 || id.value() >= routes_.size() ? nullptr
                                                         : nodes_[routes_[id.value()]].get();
}

void world::arrange(std::uint64_t units, event_kind kind, const node& n, std::uint32_t group,
                    std::uint32_t a, std::uint64_t b) {
  event e;
  e.kind = kind;
  e.node = static_cast<std::uint8_t>(n.index);
  e.life = n.life;
  e.group = static_cast<std::uint16_t>(group);
  e.a = a;
  e.b = b;
  timeline_.after(units, e);
}

// ---- the loop -------------------------------------------------------------------------------

void world::run() {
  while (trace_.steps() < plan_.steps_max) {
    handle(timeline_.next());
  }
  heal();
  settle();
}

// What belongs to a process ends with it. Frames, requests and clients do not.
bool world::is_void(const event& e) const {
  switch (e.kind) {
    case event_kind::arrive:
    case event_kind::staged:
    case event_kind::request:
    case event_kind::answer:
    case event_kind::timeout:
    case event_kind::think:
    case event_kind::strike:
    case event_kind::mend:
    case event_kind::administer:
      return false;
    default:
      return nodes_[e.node]->life != e.life;
  }
}

void world::handle(const event& e) {
  trace_.at(e.at);
  if (is_void(e)) {
    return;
  }
  const bool is_of_cluster = e.kind == event_kind::answer || e.kind == event_kind::timeout ||
                             e.kind == event_kind::think || e.kind == event_kind::strike ||
                             e.kind == event_kind::mend || e.kind == event_kind::administer;
  auto& n = *nodes_[e.node];
  if (!is_of_cluster && n.is_paused && e.kind != event_kind::resume) {
    n.backlog.push_back(e);
    return;
  }
  trace_.step();
  dispatch(e);
  if (!is_of_cluster) {
    flush_links(n);
  }
}

void world::dispatch(const event& e) {
  auto& n = *nodes_[e.node];
  auto& m = *n.members[e.group];
  switch (e.kind) {
    case event_kind::tick:
      return on_tick(n);
    case event_kind::resume:
      return on_resume(n);
    case event_kind::start:
      return start(n);
    case event_kind::arrive:
      return on_arrive(n, e.a);
    case event_kind::act:
      return act(m);
    case event_kind::campaign:
      return on_campaign(m);
    case event_kind::drain:
      return drain(m);
    case event_kind::write:
      return on_write(n);
    case event_kind::synced:
      return on_synced(n);
    case event_kind::notice:
      return on_notice(n);
    case event_kind::apply:
      return on_apply(m);
    case event_kind::fetch:
      return on_fetch(m);
    case event_kind::flush:
      return on_flush(m);
    case event_kind::export_snapshot:
      return on_export(m, raft::node_id{e.a});
    case event_kind::chunk:
      return on_chunk(n, e.a);
    case event_kind::staged:
      return on_staged(n, e.a);
    case event_kind::transfer_end:
      return on_transfer_end(n, e.a, e.b != 0);
    case event_kind::unreachable:
      return on_unreachable(n, raft::node_id{e.a});
    case event_kind::request:
      return on_request(n, e.a);
    case event_kind::answer:
      return on_answer(e.a);
    case event_kind::timeout:
      return on_timeout(clients_[e.a], static_cast<std::uint32_t>(e.b));
    case event_kind::think:
      return on_think(clients_[e.a], static_cast<std::uint32_t>(e.b));
    case event_kind::strike:
      return on_strike(e.a != 0);
    case event_kind::mend:
      return mend(e.a);
    case event_kind::administer:
      return on_administer(e.group, e.a != 0);
  }
}

std::string world::describe() const {
  std::ostringstream out;
  for (const auto& n : nodes_) {
    out << "node " << n->index << " id " << to_string(n->id) << (n->is_up ? " up" : " down")
        << (n->is_wiped ? " wiped" : "") << (n->is_paused ? " paused" : "") << '\n';
    for (const auto& m : n->members) {
      out << "  group " << m->group << ": disk [" << to_string(m->log.base().index) << ", "
          << to_string(m->log.last()) << "] term " << to_string(m->log.hard().term) << ", state "
          << to_string(m->state.now().applied()) << ", queued " << n->queued.size();
      if (m->core) {
        const auto s = m->core->status();
        out << "; role " << static_cast<int>(s.soft.role) << " term " << to_string(s.hard.term)
            << " leader " << to_string(s.soft.leader) << (s.quiesced ? " quiesced" : "")
            << " commit " << to_string(s.commit) << " last " << to_string(s.last) << " voters";
        for (const auto id : s.peers.voters) {
          out << ' ' << to_string(id);
        }
        if (s.peers.is_joint()) {
          out << " joint";
        }
        for (const auto& p : s.progress) {
          out << "\n      " << to_string(p.id) << (p.learner ? " learner" : "") << " state "
              << static_cast<int>(p.state) << " match " << to_string(p.match) << " next "
              << to_string(p.next) << (p.paused ? " paused" : "");
        }
      }
      out << '\n';
    }
  }
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    out << "group " << g << ": chosen " << to_string(groups_[g].chosen()) << ", configuration of "
        << to_string(groups_[g].peers_at()) << (groups_[g].peers().is_joint() ? ", joint" : "")
        << '\n';
  }
  for (const auto& c : clients_) {
    if (c.is_busy) {
      out << "client " << c.slot << " of group " << c.group << ": operation " << c.operation
          << ", attempt " << c.attempt << ", open " << c.open_attempts << ", kind "
          << static_cast<int>(c.asked.what) << ", target " << to_string(c.target) << '\n';
    }
  }
  return out.str();
}

}  // namespace troupe::simulation
