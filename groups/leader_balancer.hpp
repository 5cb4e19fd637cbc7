// leader_balancer: after its node has come up, takes over the groups that should rather be led here
// (leader_preference.hpp), a few at a time. Then it rests: what an operator moves later stays where
// it was put. Knows nothing of load.
//
//   accepts  woken              from the ticker
//   sends    wake_request       to the ticker
//            status_request     to group actors, at most groups_at_once a second
//            transfer_request   to those that another node leads and that are caught up here; they
//                               pass it on to their leader, which hands over once we have its log
//   blocks   no
//   bound    groups_at_once questions a second; rounds_max rounds over all groups
#pragma once

#include <memory>

#include "groups/directory.hpp"
#include "groups/messages.hpp"
#include "groups/services.hpp"

namespace troupe::groups {

struct balancer_options {
  std::shared_ptr<const node_facts> facts;
  std::shared_ptr<const directory> groups;
  actors::ticker_actor ticker;
  /// Long enough for elections that a start brings about to be over.
  std::chrono::milliseconds first_look_after{10'000};
  std::chrono::milliseconds interval{1'000};
  std::size_t groups_at_once = 50;
  std::uint32_t rounds_max = 10;
};

actors::woken_actor spawn_leader_balancer(caf::actor_system& system, balancer_options options);

}  // namespace troupe::groups
