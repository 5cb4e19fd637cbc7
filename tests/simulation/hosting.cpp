// Processes starting and stopping, and what a core is told and wants.
#include "tests/simulation/world.hpp"

namespace troupe::simulation {

namespace {

/// Shorter than real hosts would wait, so that more meets within it.
constexpr std::uint64_t stalled_units = 4ULL * tick_units;

}  // namespace

// ---- processes ------------------------------------------------------------------------------

void world::start(node& n) {
  if (n.is_up || n.is_wiped) {
    return;
  }
  if (timeline_.now() < n.full_until) {
    arrange(n.full_until - timeline_.now(), event_kind::start, n);
    return;
  }
  n.is_up = true;
  ++n.life;
  trace_.note(happening::started, n.index, 0, n.life);
  arrange(spread(n.tick_interval), event_kind::tick, n);
  for (auto& m : n.members) {
    start(n, *m);
    if (!n.is_up) {
      return;
    }
  }
}

void world::start(node& n, member& m) {
  if (m.state.now().applied() < m.log.base().index) {
    // The log was replaced, and then the node stopped before the state was.
    install(m, m.log.base(), happening::snapshot_recovered);
  }
  m.staged.clear();
  auto held = m.log.restored();
  held.applied = m.state.now().applied();
  require(held.applied <= held.last, "the state never runs ahead of the log");
  auto options = plan_.core;
  options.self = n.id;
  options.seed = plan_.core.seed + n.life;
  if (plan_.has_priorities) {
    options.election_priority = static_cast<std::uint8_t>(1 + n.index % 4);
  }
  m.issued_last = held.last;
  m.seen = {.role = raft::role::follower, .term = held.hard.term, .leader = {}};
  m.seen_commit = held.applied;
  m.appending_term = {};
  m.owed_ticks = 0;
  m.configurations.assign(1, {held.snapshot.index, held.snapshot.peers});
  m.configurations.insert(m.configurations.end(), held.configurations.begin(),
                          held.configurations.end());
  m.core.emplace(options, std::move(held));
  arrange(spread(plan_.flush_units), event_kind::flush, n, m.group);
  after_input(m);
  if (plan_.has_blackouts && chance_.one_in(2)) {
    arrange(spread(100), event_kind::campaign, n, m.group);
  }
}

/// The process is gone, and with it everything that was not on disk.
void world::stop(node& n, happening why) {
  trace_.note(why, n.index, 0, n.life);
  ++n.life;
  n.is_up = false;
  n.is_paused = false;
  n.fails_next_sync = false;
  for (const auto& e : std::exchange(n.backlog, {})) {
    if (e.kind == event_kind::staged) {
      finish_transfer(e.a, false);
    } else if (e.kind == event_kind::request) {
      free_slot(e.a);
    }
  }
  n.queued.clear();
  n.writing.clear();
  n.durable.clear();
  n.is_write_due = false;
  for (const auto to : n.used) {
    n.links[to].body.clear();
  }
  n.used.clear();
  for (auto& other : nodes_) {
    if (plan_.core.quiesce_after_ticks > 0 && other->index != n.index) {
      notice_down(*other, n);
    }
  }
  for (auto& m : n.members) {
    forget_requests(*m);
    m->core.reset();
    m->is_act_due = m->is_drain_due = m->is_applying = false;
    m->unheard.reset();
    m->unapplied.clear();
    m->fetches.clear();
    m->installing.reset();
    if (plan_.faults.has(fault::unsynced_state)) {
      const auto lost = m->state.fall_back(chance_.below(m->state.unsynced() + 1));
      if (lost > 0) {
        trace_.strike(fault::unsynced_state, n.index, lost);
        trace_.note(happening::state_rolled_back, n.index, m->group, lost);
      }
    }
  }
}

// ---- time -----------------------------------------------------------------------------------

void world::on_tick(node& n) {
  arrange(n.tick_interval, event_kind::tick, n);
  const auto life = n.life;
  for (auto& m : n.members) {
    if (n.life != life) {
      return;
    }
    trace_.step();
    const bool is_writing = !n.writing.empty();
    m->core->storage_stalled(is_writing && timeline_.now() - n.writing_since > stalled_units);
    ++m->owed_ticks;
    if (!plan_.owes_ticks || m->owed_ticks >= m->core->ticks_until_due()) {
      tell_ticks(*m);
      after_input(*m);
    }
  }
}

void world::tell_ticks(member& m) {
  hear_of_storage(m);
  if (m.owed_ticks > 0) {
    m.core->tick(std::exchange(m.owed_ticks, 0));
  }
}

void world::on_campaign(member& m) {
  tell_ticks(m);
  if (m.core->soft().leader.is_none()) {
    m.core->campaign();
    after_input(m);
  }
}

// Whatever waited for the process meets it at once, but the clock comes first.
void world::on_resume(node& n) {
  n.is_paused = false;
  const auto missed = (timeline_.now() - n.paused_at) / n.tick_interval;
  for (auto& m : n.members) {
    m->owed_ticks += static_cast<std::uint32_t>(missed);
    tell_ticks(*m);
  }
  for (auto& m : n.members) {
    if (n.is_up) {
      after_input(*m);
    }
  }
  const auto waited = std::exchange(n.backlog, {});
  for (const auto& e : waited) {
    if (e.kind == event_kind::tick && e.life == n.life) {
      arrange(spread(n.tick_interval), event_kind::tick, n);
    } else if (e.kind != event_kind::tick) {
      handle(e);
    }
  }
}

// ---- inputs and outputs ---------------------------------------------------------------------

void world::hear_of_storage(member& m) {
  if (m.unheard) m.core->log_stable(*std::exchange(m.unheard, std::nullopt));
}

void world::after_input(member& m) {
  if (m.core->awaits_storage()) hear_of_storage(m);
  observe(m);
  if (!plan_.batches_inputs) {
    act(m);
  } else if (!m.is_act_due && m.core->has_output()) {
    m.is_act_due = true;
    arrange(chance_.below(tick_units), event_kind::act, node_of(m), m.group);
  }
}

void world::act(member& m) {
  m.is_act_due = false;
  const auto life = node_of(m).life;
  while (node_of(m).life == life && m.core->has_output()) {
    interpret(m, m.core->take_output());
    if (node_of(m).life == life) {
      if (m.core->awaits_storage()) hear_of_storage(m);
      observe(m);
    }
  }
}

void world::interpret(member& m, raft::output out) {
  auto& n = node_of(m);
  if (out.write) {
    issue(m, std::move(*out.write));
  }
  m.appending_term = m.core->soft().role == raft::role::leader ? m.core->soft().term : raft::term{};
  for (auto& msg : out.messages) {
    check_leaving(m, msg);
    post(m, std::move(msg));
  }
  for (auto& e : out.committed) {
    m.unapplied.push_back(std::move(e));
  }
  for (const auto& f : out.fetches) {
    m.fetches.push_back(f);
    arrange(spread(plan_.sync_units), event_kind::fetch, n, m.group);
  }
  if (out.makes_way_to) {
    trace_.note(happening::made_way, n.index, m.group, out.makes_way_to->value());
  }
  for (const auto& s : out.snapshots) {
    trace_.note(happening::snapshot_wanted, n.index, m.group, s.to.value());
    arrange(spread(plan_.apply_units * 5), event_kind::export_snapshot, n, m.group,
            static_cast<std::uint32_t>(s.to.value()));
  }
  for (const auto& r : out.reads) {
    const auto at = std::find_if(m.reads_asked.begin(), m.reads_asked.end(),
                                 [&r](const auto& asked) { return asked.id == r.id; });
    require(at != m.reads_asked.end(), "a read is answered once");
    if (r.id == m.newest_read && plan_.leases) {
      trace_.note(happening::lease_read, n.index, m.group, r.index.value());
    }
    m.reads_ready.push_back({r.index, at->request});
    m.reads_asked.erase(at);
  }
  for (const auto& id : out.reads_failed) {
    const auto at = std::find_if(m.reads_asked.begin(), m.reads_asked.end(),
                                 [id](const auto& asked) { return asked.id == id; });
    require(at != m.reads_asked.end(), "a read fails once");
    trace_.note(happening::read_failed, n.index, m.group, id.value());
    answer(m, at->request, request::outcome::surely_failed);
    m.reads_asked.erase(at);
  }
  kick_processor(m);
  serve_reads(m);
}

void world::issue(member& m, raft::write w) {
  check_write(m, w);
  auto& n = node_of(m);
  if (w.snapshot) {
    m.unapplied.clear();
    m.installing = w.snapshot->point;
    m.issued_last = w.snapshot->point.index;
    m.configurations.assign(1, {w.snapshot->point.index, w.snapshot->point.peers});
  }
  for (const auto& e : w.entries) {
    if (e->peers) {
      m.configurations.emplace_back(e->index, *e->peers);
    }
  }
  if (!w.entries.empty()) {
    m.issued_last = w.entries.back()->index;
  }
  enqueue(n, {.group = m.group, .write = std::move(w), .compact_to = {}});
}

}  // namespace troupe::simulation
