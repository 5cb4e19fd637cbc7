#include "tests/simulation/plan.hpp"

#include "tests/simulation/chance.hpp"
#include "tests/simulation/replicated_state.hpp"

namespace troupe::simulation {

namespace {

constexpr fault network_faults[] = {fault::loss,      fault::duplication,    fault::reorder,
                                    fault::delay,     fault::corruption,     fault::one_way_cut,
                                    fault::partition, fault::isolated_leader};
constexpr fault node_faults[] = {fault::crash,          fault::storage_crash, fault::torn_write,
                                 fault::unsynced_state, fault::slow_disk,     fault::failed_sync,
                                 fault::full_disk,      fault::clock_jump,    fault::clock_drift,
                                 fault::pause,          fault::slow_processor};
constexpr fault other_faults[] = {
    fault::broken_transfer, fault::membership, fault::leader_removal, fault::transfer,
    fault::refusal,         fault::wipe,       fault::impostor,       fault::stray_request};

template <std::size_t N>
void choose(chance& c, const fault (&from)[N], std::uint32_t per_mille, fault_set& to) {
  for (const fault f : from) {
    if (c.per_mille(per_mille)) {
      to.add(f);
    }
  }
}

fault_set choose_faults(chance& c) {
  fault_set chosen;
  const std::uint32_t weights[] = {150, 400, 600, 850};
  if (c.one_in(4)) {
    // Few kinds: the group gets further between them.
    for (auto count = c.between(1, 4); count > 0; --count) {
      chosen.add(static_cast<fault>(c.below(fault_count)));
    }
    return chosen;
  }
  choose(c, network_faults, weights[c.below(4)], chosen);
  choose(c, node_faults, weights[c.below(4)], chosen);
  choose(c, other_faults, weights[1 + c.below(3)], chosen);
  return chosen;
}

void tune_core(chance& c, plan& p) {
  auto& o = p.core;
  o.seed = c.draw();
  o.election_timeout_ticks = c.between(8, 16);
  o.heartbeat_ticks = c.between(1, 3);
  o.pre_vote = !c.one_in(4);
  o.check_quorum = !c.one_in(5);
  p.leases = c.one_in(3);
  if (p.leases) {
    o.reads = raft::read_policy::lease;
    o.check_quorum = true;
  }
  const std::uint64_t sizes[] = {60, 200, 600, 1U << 20U};
  o.append_bytes_max = sizes[c.below(4)];
  o.append_requests_in_flight_max = c.one_in(3) ? c.between(1, 4) : c.between(5, 256);
  o.append_bytes_in_flight_max = c.one_in(4) ? 400 : 1U << 20U;
  o.cached_bytes_max = sizes[c.below(4)];
  o.apply_bytes_max = sizes[c.below(4)];
  o.unapplied_bytes_max = sizes[c.below(4)];
  o.uncommitted_bytes_max = c.one_in(4) ? 600 : 1U << 20U;
  o.pending_reads_max = 16;
  o.quiesce_after_ticks = c.one_in(3) ? c.between(3, 40) : 0;
  o.promotion_lag_max = c.one_in(2) ? c.below(10) : 1024;
  p.has_priorities = c.one_in(5);
}

std::uint32_t when(bool is_on, std::uint32_t value) {
  return is_on ? value : 0;
}

void set_rates(chance& c, plan& p) {
  const auto& f = p.faults;
  p.loss_per_mille = when(f.has(fault::loss), c.between(5, 150));
  p.duplicate_per_mille = when(f.has(fault::duplication), c.between(5, 100));
  p.reorder_per_mille = when(f.has(fault::reorder), c.between(20, 400));
  p.delay_per_mille = when(f.has(fault::delay), c.between(5, 100));
  p.corrupt_per_mille = when(f.has(fault::corruption), c.between(2, 30));
  p.storage_crash_per_myriad = when(f.has(fault::storage_crash), c.between(3, 40));
  p.stray_per_mille = when(f.has(fault::stray_request), c.between(10, 200));
  p.refusal_per_mille = when(f.has(fault::refusal), c.between(10, 100));
  p.keys = c.between(1, 4);
  p.think_units = c.one_in(2) ? c.between(1, 30) : c.between(30, 300);
  p.patience_units = c.one_in(2) ? c.between(150, 400) : c.between(400, 1500);
  p.sync_units = c.between(1, 60);
  p.travel_units = c.between(2, 40);
  p.apply_units = c.between(1, 40);
  p.strike_units = 300U << c.below(7);
  p.flush_units = c.between(300, 6000);
  p.administer_units = c.one_in(2) ? c.between(50, 500) : c.between(500, 5000);
  p.keep_entries = c.one_in(2) ? c.below(4) : c.between(4, 60);
  p.chunks_per_snapshot = c.between(1, 12);
}

}  // namespace

plan plan_of(std::uint64_t seed, const plan_changes& changes) {
  chance c(seed);
  plan p;
  p.seed = seed;
  p.steps_max = changes.steps_max;
  p.faults = choose_faults(c);
  const std::uint32_t sizes[] = {3, 3, 3, 5, 5, 7};
  p.voters = sizes[c.below(6)];
  p.spares = c.below(3);
  p.groups = c.between(1, 3);
  p.clients_per_group = c.between(1, client_count_max);
  p.batches_inputs = c.one_in(3);
  p.owes_ticks = c.one_in(2);
  p.plain_commands = c.one_in(3);
  p.door_units = c.one_in(5) ? c.between(100, 6000) : 0;
  p.pins_log = c.one_in(2);
  p.tells_unreachable = c.one_in(2);
  tune_core(c, p);
  set_rates(c, p);
  p.faults = fault_set::of_bits(p.faults.bits() & ~changes.faults_off);
  return p;
}

}  // namespace troupe::simulation
