// replicator: carries appends to one follower: encodes them off the member's back and has lagging
// parts of the log read from disk. What is sent, and how much may be in flight, the core decides.
//
//   accepts  replicate   append requests and snapshots, in order
//            raft::fetch entries that the core no longer holds
//   sends    outbound_encoded to the peer link, in pieces that fit into frames; fetch_job to the
//            log reader
//   blocks   no
//   bound    the core's in-flight window for this follower, in messages and bytes
//   lives    while its member leads
#pragma once

#include <functional>
#include <memory>

#include "actors/messages.hpp"
#include "actors/peer_links.hpp"

namespace troupe::actors {

struct replicator_options {
  raft::group_id group;
  raft::node_id follower;
  std::shared_ptr<peer_links> links;
  log_reader_actor reader;
  member_actor member;
  std::function<void(clock::duration)> encoded = [](clock::duration) {};  ///< what was to be sent
};

replicator_actor spawn_replicator(caf::actor_system& system, replicator_options options);

}  // namespace troupe::actors
