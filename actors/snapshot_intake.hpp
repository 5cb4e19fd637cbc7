// snapshot_intake: puts together the snapshots that leaders' nodes send to this one, and hands each
// to its member once it is complete and checked.
//
//   accepts  received_part   answered through its promise: taken, or why not
//   blocks   yes: detached; writes files
//   bound    one transfer a group; a new one takes the place of the last
//   fails    a part that does not fit, or whose checksum is wrong, ends its transfer
#pragma once

#include <functional>
#include <string>

#include "actors/messages.hpp"

namespace troupe::actors {

struct snapshot_intake_options {
  std::string directory;  ///< where files are put together
  /// Gives the announcement to the member; its source names the directory of the snapshot.
  std::function<void(raft::group_id, raft::message)> deliver;
};

snapshot_intake_actor spawn_snapshot_intake(caf::actor_system& system,
                                            snapshot_intake_options options);

}  // namespace troupe::actors
