// snapshot_sender: streams one exported snapshot to one follower's node, in parts, each a request
// over the peer link, and tells the member how that ended.
//
//   accepts  part_answered, woken   from itself
//   sends    forward_request to the peer link; snapshot_sent to the member, once, at its end
//   blocks   yes: detached; reads files
//   bound    parts_max unanswered parts; bytes_per_second
//   fails    any refusal, lost part or damaged file ends it with snapshot_sent{ok = false}
#pragma once

#include <memory>

#include "actors/messages.hpp"
#include "actors/peer_links.hpp"

namespace troupe::actors {

struct snapshot_sender_options {
  raft::group_id group;
  std::string group_name;
  raft::message announcement;  ///< what the follower's member gets at the end
  std::shared_ptr<const exported_snapshot> snapshot;
  std::shared_ptr<peer_links> links;
  member_actor member;
  std::uint64_t transfer = 0;  ///< names this attempt, never 0
  std::size_t parts_max = 4;
  std::uint64_t bytes_per_second = 64U << 20U;
  std::chrono::milliseconds part_timeout{10'000};
};

snapshot_sender_actor spawn_snapshot_sender(caf::actor_system& system,
                                            snapshot_sender_options options);

}  // namespace troupe::actors
