// The log writer of a node: everything that its groups queued, synced together; and crashes.
#include "tests/simulation/world.hpp"

namespace troupe::simulation {

void world::enqueue(node& n, log_job job) {
  n.queued.push_back(std::move(job));
  if (!n.is_write_due && n.writing.empty()) {
    n.is_write_due = true;
    arrange(chance_.below(4), event_kind::write, n);
  }
}

bool world::crashes_here(node& n) {
  if (is_settling_ || chance_.below(10'000) >= plan_.storage_crash_per_myriad) {
    return false;
  }
  trace_.strike(fault::storage_crash, n.index);
  crash(n);
  return true;
}

void world::crash(node& n) {
  // Each job is atomic, and jobs reach the disk in their order.
  std::size_t survives = 0;
  if (plan_.faults.has(fault::torn_write) && !n.writing.empty()) {
    survives = chance_.below(n.writing.size() + 1);
    trace_.strike(fault::torn_write, n.index, survives);
  }
  for (std::size_t i = 0; i < survives; ++i) {
    perform(n, n.writing[i]);
  }
  if (survives > 0) {
    trace_.note(happening::batch_survived, n.index, 0, survives);
  }
  n.writing.clear();
  stop(n, happening::crashed);
  arrange(spread(chance_.one_in(2) ? 150 : 2000), event_kind::start, n);
}

void world::on_write(node& n) {
  n.is_write_due = false;
  if (n.queued.empty()) {
    return;
  }
  if (timeline_.now() < n.full_until) {
    // What is not written may wait, or the node may give up until there is room.
    if (chance_.one_in(4)) {
      stop(n, happening::stopped);
      arrange(n.full_until - timeline_.now() + 1, event_kind::start, n);
      return;
    }
    n.is_write_due = true;
    arrange(spread(200), event_kind::write, n);
    return;
  }
  const auto count = chance_.one_in(3) ? 1 + chance_.below(n.queued.size()) : n.queued.size();
  for (std::size_t i = 0; i < count; ++i) {
    n.writing.push_back(std::move(n.queued.front()));
    n.queued.pop_front();
  }
  n.writing_since = timeline_.now();
  trace_.note(happening::batch_written, n.index, 0, count);
  const bool is_slow = timeline_.now() < n.slow_until;
  arrange(spread(plan_.sync_units) + (is_slow ? spread(1000) : 0), event_kind::synced, n);
}

void world::on_synced(node& n) {
  if (std::exchange(n.fails_next_sync, false)) {
    trace_.strike(fault::failed_sync, n.index);
    crash(n);
    return;
  }
  if (crashes_here(n)) {
    return;
  }
  trace_.note(happening::batch_synced, n.index, 0, n.writing.size());
  for (auto& job : n.writing) {
    perform(n, job);
    n.durable.push_back(std::move(job));
    arrange(chance_.below(3), event_kind::notice, n);
  }
  n.writing.clear();
  if (crashes_here(n)) {
    return;
  }
  if (!n.queued.empty()) {
    n.is_write_due = true;
    arrange(0, event_kind::write, n);
  }
}

void world::perform(node& n, const log_job& job) {
  auto& m = *n.members[job.group];
  if (!job.compact_to.is_none()) {
    m.log.compact_to(job.compact_to);
    trace_.note(happening::log_compacted, n.index, job.group, job.compact_to.value());
    return;
  }
  m.log.perform(job.write);
}

/// The member learns that its oldest durable job is; the promises that rest on it may leave.
void world::on_notice(node& n) {
  const auto job = std::move(n.durable.front());
  n.durable.pop_front();
  auto& m = *n.members[job.group];
  if (!job.compact_to.is_none()) {
    tell_ticks(m);
    m.core->compacted(job.compact_to);
    after_input(m);
    return;
  }
  if (job.write.snapshot) {
    if (crashes_here(n)) {
      return;
    }
    // A newer one may have been accepted meanwhile; its job is behind this one.
    install(m, job.write.snapshot->point, happening::snapshot_installed);
    if (m.installing && m.installing->index == job.write.snapshot->point.index) {
      m.installing.reset();
    }
    if (crashes_here(n)) {
      return;
    }
  }
  for (const auto& msg : job.write.replies) {
    check_leaving(m, msg);
    post(m, msg);
  }
  trace_.note(happening::stable, n.index, job.group, job.write.sequence.value());
  const bool may_act = m.core->awaits_storage() || m.core->has_output();
  m.unheard = job.write.sequence;
  if (may_act || !plan_.puts_off_notices) hear_of_storage(m);
  if (!may_act && m.core->has_output()) violated("a write that nobody awaited led to output");
  after_input(m);
  if (n.is_up) {
    kick_processor(m);
  }
}

}  // namespace troupe::simulation
