// plan: what a seed stands for: the cluster, the tuning of its cores, the kinds of faults and how
// often they strike. Knows nothing of how any of it is carried out.
#pragma once

#include <cstdint>

#include "raft/core.hpp"
#include "tests/simulation/fault.hpp"

namespace troupe::simulation {

/// Virtual time: so many units are one tick of a clock that runs true.
inline constexpr std::uint32_t tick_units = 100;

struct plan_changes {
  std::uint64_t steps_max = 100'000;
  std::uint32_t faults_off = 0;  ///< bits of a fault_set
};

struct plan {
  std::uint64_t seed = 0;
  std::uint64_t steps_max = 0;
  fault_set faults;

  std::uint32_t voters = 3;
  std::uint32_t spares = 0;  ///< nodes that are in no group at first
  std::uint32_t groups = 1;
  std::uint32_t clients_per_group = 3;
  raft::core_options core;
  bool leases = false;
  bool batches_inputs = false;    ///< a member takes its output later than each input
  bool owes_ticks = false;        ///< a core is told of ticks when they matter, not one by one
  bool puts_off_notices = false;  ///< a core hears of a write it does not await with its next input
  bool plain_commands = false;    ///< some commands without a session
  std::uint32_t door_units = 0;   ///< a request waits so long in front of its core
  bool single_changes = false;    ///< members change one at a time, without a joint phase
  bool is_ambushed = false;       ///< trouble follows on changes and transfers, not now and then
  bool has_blackouts = false;     ///< others fall when a leader is cut off, and start at once
  bool has_priorities = false;    ///< some nodes are to lead first
  bool pins_log = false;          ///< the log is kept as far as followers need it
  bool tells_unreachable = true;  ///< a lost frame is noticed by the sender's link

  std::uint32_t loss_per_mille = 0;
  std::uint32_t duplicate_per_mille = 0;
  std::uint32_t reorder_per_mille = 0;
  std::uint32_t delay_per_mille = 0;
  std::uint32_t corrupt_per_mille = 0;
  std::uint32_t storage_crash_per_myriad = 0;  ///< of 10,000 operations
  std::uint32_t stray_per_mille = 0;
  std::uint32_t refusal_per_mille = 0;

  /// The lower bound of election timeouts.
  [[nodiscard]] std::uint32_t timeout_units() const {
    return core.election_timeout_ticks * tick_units;
  }

  std::uint32_t read_per_mille = 333;  ///< of the clients' operations
  std::uint32_t keys = 4;
  std::uint32_t patience_units = 1000;  ///< a client waits about so long for an answer
  std::uint32_t think_units = 100;      ///< between two operations of a client
  std::uint32_t sync_units = 20;
  std::uint32_t travel_units = 10;
  std::uint32_t apply_units = 10;
  std::uint32_t strike_units = 2000;  ///< between two faults, on average
  std::uint32_t flush_units = 2000;   ///< between two flushes of a state store
  std::uint32_t administer_units = 3000;
  std::uint32_t keep_entries = 50;  ///< left in the log when it is compacted
  std::uint32_t chunks_per_snapshot = 4;
};

plan plan_of(std::uint64_t seed, const plan_changes& changes);

}  // namespace troupe::simulation
