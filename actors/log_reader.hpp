// log_reader: reads entries that have left a core's memory, for replication to a lagging follower
// or for applying after a restart. Knows nothing of why they are wanted.
//
//   accepts  fetch_job
//   sends    fetched to the member
//   blocks   yes, on the disk: it is detached
//   bound    one job for each follower and one for applying, per group
//   fails    a read error or a corrupt entry stops the node through fatal_handler
#pragma once

#include <memory>

#include "actors/fatal.hpp"
#include "actors/messages.hpp"
#include "persistence/log_store.hpp"

namespace troupe::actors {

log_reader_actor spawn_log_reader(caf::actor_system& system,
                                  std::shared_ptr<const persistence::log_store> log,
                                  fatal_handler fatal);

}  // namespace troupe::actors
