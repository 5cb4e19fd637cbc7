// fault: the kinds of trouble that a simulation can make, and sets of them. Knows nothing of how
// each is made.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::simulation {

enum class fault : std::uint8_t {
  loss,             ///< a frame does not arrive
  duplication,      ///< a frame arrives twice
  reorder,          ///< a frame overtakes another of the same link
  delay,            ///< a frame travels for many times the usual time
  corruption,       ///< a frame arrives damaged
  one_way_cut,      ///< nothing gets from one node to another, the other way is open
  partition,        ///< two sides that do not hear each other
  isolated_leader,  ///< a leader alone on its side
  crash,            ///< a node stops; what was not synced is gone
  storage_crash,    ///< the same, between two operations of its stores
  torn_write,       ///< of the write under way at a crash a part has reached the disk
  unsynced_state,   ///< at a crash the state store falls back behind what it had applied
  slow_disk,
  failed_sync,  ///< the node stops; what of the write is on disk is open
  full_disk,
  clock_jump,       ///< many ticks at once
  clock_drift,      ///< each node's clock runs at its own rate
  pause,            ///< a process stops for a while and then meets everything that queued up
  slow_processor,   ///< applying takes long
  broken_transfer,  ///< a snapshot's transfer ends in the middle
  membership,       ///< learners, promotions, removals, exchanges of several voters at once
  leader_removal,   ///< a leader is told to remove itself
  transfer,         ///< leadership is handed over
  refusal,          ///< the processor refuses commands
  wipe,             ///< a node loses its disks; it comes back under a new id
  impostor,         ///< a node loses its disks and comes back under its old id
  stray_request,    ///< requests and answers of clients get lost, requests come late
  count_of,
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::count_of);

inline constexpr std::array<std::string_view, fault_count> fault_names = {
    "loss",        "duplication",    "reorder",         "delay",          "corruption",
    "one_way_cut", "partition",      "isolated_leader", "crash",          "storage_crash",
    "torn_write",  "unsynced_state", "slow_disk",       "failed_sync",    "full_disk",
    "clock_jump",  "clock_drift",    "pause",           "slow_processor", "broken_transfer",
    "membership",  "leader_removal", "transfer",        "refusal",        "wipe",
    "impostor",    "stray_request",
};

class fault_set {
 public:
  void add(fault f) { bits_ |= bit(f); }
  void remove(fault f) { bits_ &= ~bit(f); }
  void clear() { bits_ = 0; }
  [[nodiscard]] bool has(fault f) const { return (bits_ & bit(f)) != 0; }
  [[nodiscard]] std::uint32_t bits() const { return bits_; }
  static fault_set of_bits(std::uint32_t bits) {
    fault_set s;
    s.bits_ = bits;
    return s;
  }

 private:
  static constexpr std::uint32_t bit(fault f) { return 1U << static_cast<unsigned>(f); }
  std::uint32_t bits_ = 0;
};

}  // namespace troupe::simulation
