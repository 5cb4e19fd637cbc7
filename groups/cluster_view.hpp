// cluster_view: what a node shows of itself and its groups to an operator's interface, and the few
// things an operator can ask for. Implemented by node; faked in tests of the HTTP folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "actors/latency_histogram.hpp"
#include "codec/membership.hpp"
#include "groups/group.hpp"
#include "raft/core.hpp"
#include "raft/expected.hpp"

namespace troupe {

struct group_status {
  std::string name;
  raft::core_status core;
  std::string leader_address;  ///< host:port of the leader's peer address; empty when unknown
  std::uint64_t pending_proposals = 0;
  /// The longest that a batch of entries was with the processor, of those of the last ten seconds.
  std::chrono::nanoseconds apply_longest{};
  bool available = true;  ///< false while the group's actor is being restarted
};

/// What a replica has made of the entries that it applied: equal hashes at equal points.
struct group_content {
  raft::log_index index;
  raft::term term;
  std::uint64_t hash = 0;
};
using content_result = raft::expected<group_content, error>;

struct node_address {
  raft::node_id id;
  std::string peer_address;  ///< host:port for peers and native clients
};

/// How long the stages of a write take, one after the other; see actors/write_stages.hpp.
struct stage_latencies {
  const char* stage = "";
  actors::latencies took;
};

struct node_status {
  raft::node_id id;
  std::string cluster;
  std::uint64_t incarnation = 0;
  std::vector<node_address> members;  ///< as configured, sorted by id, this node included
  std::vector<group_status> groups;   ///< sorted by name
  std::vector<stage_latencies> write_stages;
  std::uint64_t made_way = 0;  ///< leaderships that ended as the log's disk stalled
};

class cluster_view {
 public:
  cluster_view() = default;
  cluster_view(const cluster_view&) = delete;
  cluster_view& operator=(const cluster_view&) = delete;
  virtual ~cluster_view() = default;

  [[nodiscard]] virtual troupe::group group(const std::string& name) = 0;
  /// `done` is called once, from any thread.
  virtual void status(std::function<void(node_status)> done) = 0;
  /// `peer` is a node id in decimal or a peer address (host:port). Possible errors: unknown_group,
  /// unparsable_peer, unknown_peer, not_leader, no_leader, read_timed_out (nothing was changed).
  virtual void transfer(const std::string& group, const std::string& peer,
                        std::function<void(error)> done) = 0;
  /// Changes the group's members; `done` hears once the change is committed. Possible errors:
  /// unknown_group, invalid_argument, change_pending, not_caught_up, not_leader, no_leader,
  /// overloaded (nothing was changed), outcome_unknown.
  virtual void change_members(const std::string& group, codec::membership_request wanted,
                              std::function<void(error)> done) = 0;
  /// Puts what this node has applied on disk and drops the part of its log that nobody needs any
  /// more: a restart begins there. Possible errors: unknown_group, no_leader (the group is being
  /// loaded), overloaded, outcome_unknown.
  virtual void snapshot(const std::string& group, std::function<void(error)> done) = 0;
  /// Reads the group's whole state on this node. Possible errors: unknown_group, storage_failed,
  /// shutting_down.
  virtual void content(const std::string& group, std::function<void(content_result)> done) = 0;
  /// Empty when every group knows its leader and has applied what was committed at start; else the
  /// reasons, one a group.
  virtual void readiness(std::function<void(std::vector<std::string>)> done) = 0;
};

}  // namespace troupe
