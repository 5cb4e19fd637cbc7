// trace: what happened in a simulation, as a running hash, as counts and, when asked for, as text.
// Two runs that agree on the hash did the same things at the same times. Knows only numbers.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "tests/simulation/fault.hpp"

namespace troupe::simulation {

/// What is noted; names_of_happenings gives each a name.
enum class happening : std::uint8_t {
  frame_sent,
  frame_arrived,
  frame_refused,
  impostor_refused,
  link_lost,
  became_candidate,
  became_leader,
  left_leadership,
  truncated,
  batch_written,
  batch_synced,
  batch_survived,
  stable,
  applied,
  dedup_hit,
  refused_by_processor,
  state_rolled_back,
  state_flushed,
  log_compacted,
  entries_fetched,
  snapshot_wanted,
  snapshot_exported,
  snapshot_arrived,
  snapshot_broken,
  snapshot_installed,
  snapshot_recovered,
  proposed,
  proposal_refused,
  proposal_failed_early,
  write_acknowledged,
  write_replaced,
  client_retried,
  client_gave_up,
  read_asked,
  read_served,
  lease_read,
  follower_read,
  read_failed,
  change_proposed,
  change_refused,
  change_committed,
  joint_entered,
  joint_left,
  leader_removed,
  transfer_asked,
  transferred,
  made_way,
  quiesced,
  crashed,
  stopped,
  started,
  wiped,
  healed,
  settled,
  count_of,
};

inline constexpr std::size_t happening_count = static_cast<std::size_t>(happening::count_of);

const char* name_of(happening h);

/// How often each thing happened; adds up over seeds.
struct tally {
  std::array<std::uint64_t, happening_count> happened{};
  std::array<std::uint64_t, fault_count> faults{};
  std::uint64_t steps = 0;

  void add(const tally& other);
};

class trace {
 public:
  /// Keeps the newest `kept` lines, prints them all to `out` unless it is null.
  explicit trace(std::size_t kept, std::FILE* out = nullptr) : out_(out), newest_(kept) {}

  void at(std::uint64_t now) { now_ = now; }
  void note(happening h, std::uint32_t node, std::uint32_t group, std::uint64_t a = 0,
            std::uint64_t b = 0);
  void strike(fault f, std::uint32_t node, std::uint64_t a = 0);
  /// One step: an input to a core, a store, the network or a client.
  void step() { ++tally_.steps; }

  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] const tally& counts() const { return tally_; }
  [[nodiscard]] std::uint64_t steps() const { return tally_.steps; }
  void print_newest(std::FILE* to) const;

 private:
  struct line {
    std::uint64_t now = 0;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint32_t node = 0;
    std::uint16_t group = 0;
    std::uint8_t what = 0;  ///< a happening, or behind them a fault
  };

  void keep(const line& l);
  static void print(const line& l, std::FILE* to);

  std::FILE* out_;
  std::uint64_t now_ = 0;
  std::uint64_t hash_ = 0;
  std::vector<line> newest_;
  std::size_t lines_ = 0;
  tally tally_;
};

}  // namespace troupe::simulation
