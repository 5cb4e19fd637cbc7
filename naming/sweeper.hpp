// sweeper: has those things taken away that nobody needs any more: services that came with an
// instance and lost the last one, settings without a service, overlays without an instance.
// nacos-spec E.1.5, E.2.2, E.3.1, H10. Knows nothing of logs, clocks and timers.
//
// Only the leader of the instances sweeps, and only what it has seen whole: a view that is still
// being told misses services that exist. It proposes; the groups decide, by the stamp of the last
// write: what was written within the last minute stays, whatever the proposer saw.
//
// sweep() from one thread at a time; completions may come from any. Bound: one entry a group is
// under way at a time, with as many names as an entry may have; what is left waits for the next
// sweep. What is remembered are the names of what is left over.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "actors/result.hpp"
#include "naming/catalogue.hpp"
#include "raft/bytes.hpp"

namespace troupe::naming {

class sweeper {
 public:
  struct options {
    /// What was needed so recently stays: applications restart.
    std::uint64_t kept_ms = 60'000;
    raft::node_id node;               ///< stamped into the entries
    std::uint64_t first_request = 0;  ///< by chance, so that a restarted node uses none again
  };
  /// Proposes an entry to a group.
  using proposer = std::function<void(std::string_view group, raft::bytes entry, completion done)>;

  sweeper(std::shared_ptr<const catalogue> swept, options o, proposer propose);

  /// To be called every few seconds. `now_ms` since the epoch, as proposers stamp it.
  void sweep(std::uint64_t now_ms);

 private:
  struct under_way;

  void sweep_services(const catalogue_leftovers& left, std::uint64_t now_ms);
  void sweep_settings(std::uint64_t now_ms);
  void sweep_overlays(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t cutoff(std::uint64_t now_ms) const;
  [[nodiscard]] processors::naming::stamp next_stamp(std::uint64_t now_ms);
  void propose(std::string_view group, std::string entry);

  const std::shared_ptr<const catalogue> catalogue_;
  const options options_;
  const proposer propose_;
  std::uint64_t next_request_;
  /// Since when this node sees them left over.
  std::map<service_key, std::uint64_t> settings_since_;
  std::map<catalogue_leftovers::overlay, std::uint64_t> overlays_since_;
  std::shared_ptr<under_way> under_way_;
};

}  // namespace troupe::naming
