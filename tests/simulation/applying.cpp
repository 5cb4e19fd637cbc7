// The processor of a member, reads, and what the state store and the log do to stay small.
#include <algorithm>

#include "tests/simulation/world.hpp"

namespace troupe::simulation {

void world::kick_processor(member& m) {
  if (m.is_applying || m.installing || m.unapplied.empty()) {
    return;
  }
  m.is_applying = true;
  const bool is_slow =
      plan_.faults.has(fault::slow_processor) && !is_settling_ && chance_.one_in(20);
  if (is_slow) {
    trace_.strike(fault::slow_processor, m.node);
  }
  arrange(spread(plan_.apply_units) + (is_slow ? spread(3000) : 0), event_kind::apply, node_of(m),
          m.group);
}

void world::on_apply(member& m) {
  m.is_applying = false;
  if (m.installing || m.unapplied.empty()) {
    return;
  }
  auto& n = node_of(m);
  const auto count = 1 + chance_.below(m.unapplied.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    if (crashes_here(n)) {
      return;
    }
    trace_.step();
    const auto e = std::move(m.unapplied.front());
    m.unapplied.pop_front();
    const auto done = m.state.apply(e);
    groups_[m.group].applied(*e, m.state.now());
    trace_.note(happening::applied, m.node, m.group, e->index.value(), e->term.value());
    answer_applied(m, *e, done);
  }
  tell_ticks(m);
  m.core->applied(m.state.now().applied());
  after_input(m);
  if (n.is_up) {
    serve_reads(m);
    kick_processor(m);
  }
}

void world::answer_applied(member& m, const raft::entry& e, const replicated_state::effect& done) {
  if (done.is_repeated) {
    trace_.note(happening::dedup_hit, m.node, m.group, e.index.value());
  } else if (done.answer.is_refused) {
    trace_.note(happening::refused_by_processor, m.node, m.group, e.index.value());
  }
  while (!m.pending.empty() && m.pending.front().index < e.index) {
    answer(m, m.pending.front().request, request::outcome::unknown);
    m.pending.pop_front();
  }
  if (m.pending.empty() || m.pending.front().index != e.index) {
    return;
  }
  const auto p = m.pending.front();
  m.pending.pop_front();
  if (p.term != e.term) {
    trace_.note(happening::write_replaced, m.node, m.group, e.index.value());
    answer(m, p.request, request::outcome::surely_failed);
    return;
  }
  requests_[p.request].answer = done.answer;
  answer(m, p.request, request::outcome::done);
}

void world::serve_reads(member& m) {
  const auto applied = m.state.now().applied();
  for (std::size_t i = 0; i < m.reads_ready.size();) {
    if (m.reads_ready[i].index > applied) {
      ++i;
      continue;
    }
    const auto slot = m.reads_ready[i].request;
    m.reads_ready[i] = m.reads_ready.back();
    m.reads_ready.pop_back();
    requests_[slot].answer = m.state.now().read(requests_[slot].asked.key);
    const bool leads = m.core->soft().role == raft::role::leader;
    trace_.note(happening::read_served, m.node, m.group, applied.value());
    if (!leads) {
      trace_.note(happening::follower_read, m.node, m.group);
    }
    answer(m, slot, request::outcome::done);
  }
}

void world::on_fetch(member& m) {
  const auto f = m.fetches.front();
  m.fetches.pop_front();
  raft::entries found;
  std::uint64_t bytes = 0;
  for (auto i = f.first; i <= f.last; i = raft::next(i)) {
    auto e = m.log.at(i);
    if (e == nullptr) {
      break;
    }
    bytes += e->size_bytes();
    if (!found.empty() && bytes > f.bytes_max) {
      break;
    }
    found.push_back(std::move(e));
  }
  trace_.note(happening::entries_fetched, m.node, m.group, f.first.value(), found.size());
  tell_ticks(m);
  m.core->fetched(f, std::move(found));
  after_input(m);
}

// A leader that checks its quorum hears from it, or gives up: either way no read waits for ever.
void world::check_reads_move(const member& m) const {
  constexpr std::uint64_t timeouts_max = 40;
  if (!plan_.core.check_quorum || m.core->soft().role != raft::role::leader) {
    return;
  }
  for (const auto& r : m.reads_asked) {
    const bool waits_long = r.leads_in == m.core->soft().term &&
                            timeline_.now() - r.asked_at > timeouts_max * plan_.timeout_units();
    require(!waits_long, "a leader whose quorum answers answers its reads");
  }
}

// The log is dropped only behind what the state store has made durable.
void world::on_flush(member& m) {
  auto& n = node_of(m);
  arrange(spread(plan_.flush_units), event_kind::flush, n, m.group);
  check_reads_move(m);
  m.state.flush();
  if (m.core->soft().role == raft::role::leader && m.core->status().quiesced) {
    trace_.note(happening::quiesced, n.index, m.group);
  }
  trace_.note(happening::state_flushed, n.index, m.group, m.state.flushed().applied().value());
  if (crashes_here(n) || chance_.one_in(2)) {
    return;
  }
  auto target = m.state.flushed().applied();
  const auto kept = chance_.one_in(8) ? 0 : plan_.keep_entries;
  if (target.value() <= m.log.base().index.value() + kept) {
    return;
  }
  target = raft::log_index{target.value() - kept};
  target = std::min(target, m.core->compactable(plan_.pins_log));
  if (target > m.log.base().index) {
    enqueue(n, {.group = m.group, .write = {}, .compact_to = target});
  }
}

}  // namespace troupe::simulation
