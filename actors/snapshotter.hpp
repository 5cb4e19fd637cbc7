// snapshotter: disk work on whole states and logs, beside apply and the log writer: exports the
// state of a group for a follower, installs a received one, drops the part of a log that the
// durable state covers. Knows nothing of who needs it.
//
//   accepts  export_job    answered with exported
//            install_job   answered with installed
//            compact_job   answered with log_compacted
//            content_job   answered through its callback
//   blocks   yes: detached; an export reads from a consistent view and stops no writer
//   bound    one job of each kind a group: a member asks again only when it was answered
//   fails    a disk that fails is reported as fatal; other failures go to the member
#pragma once

#include <memory>
#include <string>

#include "actors/fatal.hpp"
#include "actors/messages.hpp"
#include "persistence/log_store.hpp"
#include "persistence/state_store.hpp"

namespace troupe::actors {

struct snapshotter_options {
  std::shared_ptr<persistence::log_store> log;
  std::shared_ptr<persistence::state_store> states;
  std::string directory;  ///< where exports are written
  fatal_handler fatal;
};

snapshotter_actor spawn_snapshotter(caf::actor_system& system, snapshotter_options options);

}  // namespace troupe::actors
