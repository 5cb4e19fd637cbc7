// Clients: each does one operation after the other on the keys of its group, and asks again where
// the outcome is open.
#include <algorithm>

#include "tests/simulation/world.hpp"

namespace troupe::simulation {

// ---- slots ----------------------------------------------------------------------------------

std::uint32_t world::take_slot() {
  if (!free_requests_.empty()) {
    const auto slot = free_requests_.back();
    free_requests_.pop_back();
    requests_[slot] = {};
    return slot;
  }
  requests_.emplace_back();
  return static_cast<std::uint32_t>(requests_.size() - 1);
}

void world::free_slot(std::uint32_t slot) {
  free_requests_.push_back(slot);
}

// ---- the client -----------------------------------------------------------------------------

void world::on_think(client& c, std::uint32_t attempt) {
  if (!c.is_busy && !is_draining_) {
    begin_operation(c);
  } else if (c.is_busy && c.attempt == attempt) {
    retry(c);
  }
}

void world::begin_operation(client& c) {
  c.is_busy = true;
  ++c.operation;
  c.open_attempts = 0;
  c.asked = {};
  c.asked.client = c.slot;
  c.asked.key = static_cast<std::uint8_t>(chance_.below(plan_.keys));
  c.asked.value = next_value_++;
  if (chance_.per_mille(plan_.read_per_mille)) {
    c.asked.what = operation::get;
  } else {
    c.asked.what = chance_.one_in(2) ? operation::put : operation::add;
    if (!is_settling_ && chance_.per_mille(plan_.refusal_per_mille)) {
      trace_.strike(fault::refusal, 0, c.slot);
      c.asked.what = operation::poison;
    }
    c.asked.sequence = ++c.sequence;
    c.asked.has_session = !plan_.plain_commands || !chance_.one_in(3);
  }
  c.began = groups_[c.group].frontier(c.asked.key);
  send_request(c);
}

void world::send_request(client& c) {
  ++c.attempt;
  ++c.open_attempts;
  if (c.asked.what == operation::get) {
    c.began = groups_[c.group].frontier(c.asked.key);
  }
  auto* to = find(c.target);
  if (to == nullptr || chance_.one_in(c.asked.what == operation::get ? 3 : 20)) {
    for (int tries = 0; tries < 6; ++tries) {
      to = nodes_[chance_.below(nodes_.size())].get();
      if (!is_refused(*to, *to) && !to->is_wiped) {
        break;
      }
    }
  }
  // Each time longer: else repetitions could fill the log faster than it is replicated.
  arrange(spread(plan_.patience_units << std::min(c.open_attempts, is_settling_ ? 2U : 4U)),
          event_kind::timeout, {}, c.group, static_cast<std::uint32_t>(&c - clients_.data()),
          c.attempt);
  std::uint64_t travel = spread(plan_.travel_units);
  if (!is_settling_ && chance_.per_mille(plan_.stray_per_mille)) {
    trace_.strike(fault::stray_request, to->index, c.slot);
    if (chance_.one_in(2)) {
      return;
    }
    travel += spread(3000);
  }
  const auto slot = take_slot();
  auto& r = requests_[slot];
  r.client = static_cast<std::uint32_t>(&c - clients_.data());
  r.operation = c.operation;
  r.attempt = c.attempt;
  r.asked = c.asked;
  arrange(travel, event_kind::request, *to, c.group, slot);
}

void world::on_timeout(client& c, std::uint32_t attempt) {
  if (!c.is_busy || c.attempt != attempt) {
    return;
  }
  c.target = {};
  const bool may_repeat = c.asked.what == operation::get || c.asked.has_session;
  if (!may_repeat || (!is_settling_ && chance_.one_in(20))) {
    // Whether it happened, or will, stays unknown.
    trace_.note(happening::client_gave_up, 0, c.group, c.slot, c.operation);
    finish_operation(c);
    return;
  }
  retry(c);
}

void world::retry(client& c) {
  trace_.note(happening::client_retried, 0, c.group, c.slot, c.operation);
  send_request(c);
}

void world::finish_operation(client& c) {
  c.is_busy = false;
  arrange(spread(is_settling_ ? 300 : plan_.think_units), event_kind::think, {}, c.group,
          static_cast<std::uint32_t>(&c - clients_.data()));
}

void world::on_answer(std::uint32_t slot) {
  const request r = requests_[slot];
  free_slot(slot);
  auto& c = clients_[r.client];
  if (!c.is_busy || c.operation != r.operation) {
    return;
  }
  auto& truth = groups_[c.group];
  if (r.result == request::outcome::surely_failed) {
    --c.open_attempts;
    if (r.attempt != c.attempt) {
      return;
    }
    c.target = r.leader;
    const bool is_write = c.asked.what != operation::get;
    if (c.open_attempts == 0 && is_write && !is_settling_ && chance_.one_in(4)) {
      truth.surely_failed(c.asked);
      trace_.note(happening::client_gave_up, 0, c.group, c.slot, c.operation);
      finish_operation(c);
      return;
    }
    if (!is_write || c.asked.has_session || c.open_attempts == 0) {
      arrange(spread(40), event_kind::think, {}, c.group, r.client, c.attempt);
    }
    return;
  }
  if (r.result == request::outcome::unknown) {
    return;
  }
  if (c.asked.what == operation::get) {
    if (r.attempt != c.attempt) {
      return;
    }
    truth.observed(c.asked.key, r.answer, c.began);
  } else {
    require(!r.answer.is_stale, "a session goes on only after its client has");
    truth.acknowledged(c.asked, r.answer, c.began);
    trace_.note(happening::write_acknowledged, 0, c.group, r.answer.version, c.slot);
  }
  finish_operation(c);
}

// ---- the node -------------------------------------------------------------------------------

void world::answer(const member& m, std::uint32_t slot, request::outcome result) {
  auto& r = requests_[slot];
  if (r.is_told) {
    require(result != request::outcome::done, "what was said to have failed is not done");
    free_slot(slot);
    return;
  }
  r.result = result;
  if (m.core) {
    r.leader = m.core->soft().leader;
  }
  if (!is_settling_ && chance_.per_mille(plan_.stray_per_mille)) {
    trace_.strike(fault::stray_request, m.node, r.client);
    free_slot(slot);
    return;
  }
  arrange(spread(plan_.travel_units), event_kind::answer, {}, m.group, slot);
}

void world::on_request(node& n, std::uint32_t slot) {
  const auto group = clients_[requests_[slot].client].group;
  auto& m = *n.members[group];
  if (!n.is_up) {
    free_slot(slot);
    return;
  }
  tell_ticks(m);
  observe(m);
  if (requests_[slot].asked.what == operation::get) {
    on_read(m, slot);
  } else {
    on_proposal(m, slot);
  }
  after_input(m);
  m.newest_read = {};
}

void world::on_read(member& m, std::uint32_t slot) {
  const raft::read_id id{next_read_++};
  const auto& soft = m.core->soft();
  const bool leads =
      soft.role == raft::role::leader && m.core->term_at(m.core->commit()) == soft.term;
  m.reads_asked.push_back({id, slot, timeline_.now(), leads ? soft.term : raft::term{}});
  if (!m.core->read(id)) {
    m.reads_asked.pop_back();
    answer(m, slot, request::outcome::surely_failed);
    return;
  }
  m.newest_read = id;
  trace_.note(happening::read_asked, m.node, m.group, id.value());
}

void world::on_proposal(member& m, std::uint32_t slot) {
  if (m.core->soft().role != raft::role::leader) {
    answer(m, slot, request::outcome::surely_failed);
    return;
  }
  m.queued.push_back({slot, m.core->soft().term});
  if (plan_.door_units == 0 && !plan_.batches_inputs) {
    drain(m);
  } else if (!m.is_drain_due) {
    m.is_drain_due = true;
    arrange(chance_.below(plan_.door_units + 20), event_kind::drain, node_of(m), m.group);
  }
}

/// Leadership ended: whoever waits in front of the core is told so at once. The core refuses what
/// is queued by the term that it expects.
void world::fail_queued(member& m) {
  for (const auto& q : m.queued) {
    auto& r = requests_[q.request];
    if (r.is_told) {
      continue;
    }
    trace_.note(happening::proposal_failed_early, m.node, m.group, q.expected.value());
    const auto copy = take_slot();
    requests_[copy] = requests_[q.request];
    answer(m, copy, request::outcome::surely_failed);
    requests_[q.request].is_told = true;
  }
}

void world::drain(member& m) {
  m.is_drain_due = false;
  tell_ticks(m);
  observe(m);
  const auto all = std::exchange(m.queued, {});
  for (std::size_t i = 0; i < all.size();) {
    std::vector<raft::bytes> commands;
    const auto first = i;
    const auto is_like_first = [&](const queued_proposal& q) {
      return q.expected == all[first].expected &&
             requests_[q.request].asked.has_session ==
                 requests_[all[first].request].asked.has_session;
    };
    for (; i < all.size() && is_like_first(all[i]); ++i) {
      commands.push_back(entry_of(requests_[all[i].request].asked));
    }
    const auto taken =
        m.core->propose(commands, all[first].expected,
                        requests_[all[first].request].asked.has_session ? raft::entry_type::session
                                                                        : raft::entry_type::data);
    for (auto k = first; k < i; ++k) {
      if (!taken) {
        trace_.note(happening::proposal_refused, m.node, m.group,
                    static_cast<std::uint64_t>(taken.error().code));
        answer(m, all[k].request, request::outcome::surely_failed);
        continue;
      }
      const auto index = taken->first + (k - first);
      // An older leadership's entry is not in this log. It may be in another one, and win yet.
      while (!m.pending.empty() && m.pending.back().index >= index) {
        answer(m, m.pending.back().request, request::outcome::unknown);
        m.pending.pop_back();
      }
      m.pending.push_back({index, taken->term, all[k].request});
      trace_.note(happening::proposed, m.node, m.group, index.value(), taken->term.value());
    }
  }
  after_input(m);
}

void world::forget_requests(member& m) {
  for (const auto& q : m.queued) {
    free_slot(q.request);
  }
  for (const auto& p : m.pending) {
    free_slot(p.request);
  }
  for (const auto& r : m.reads_asked) {
    free_slot(r.request);
  }
  for (const auto& r : m.reads_ready) {
    free_slot(r.request);
  }
  m.queued.clear();
  m.pending.clear();
  m.reads_asked.clear();
  m.reads_ready.clear();
}

}  // namespace troupe::simulation
