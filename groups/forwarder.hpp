// forwarder: the client role inside a node: takes what the local member could not, finds the leader
// and asks its node, waits a little where there is none. Repeats only what surely did not happen.
//
//   accepts  forward_proposal, retry_query, forward_transfer, forward_change   from local members
//            leader_changed   from local members
//            woken                                                             from the ticker
//   sends    forward_request to peer links; requests back to the local member after a pause
//   blocks   no
//   bound    every request holds an admission of its group (node_facts.requests_max) and a deadline
//            each change of a leader is remembered for an election timeout
//   gives up a write that a former leader was asked for, with an unknown outcome: at once when its
//            node is silent, else after an election timeout, as it may still answer
#pragma once

#include <memory>

#include "actors/peer_links.hpp"
#include "groups/directory.hpp"
#include "groups/messages.hpp"
#include "groups/services.hpp"

namespace troupe::groups {

struct forwarder_options {
  std::shared_ptr<const node_facts> facts;
  std::shared_ptr<directory> groups;
  std::shared_ptr<actors::peer_links> links;
  actors::ticker_actor ticker;
};

forwarder_actor spawn_forwarder(caf::actor_system& system, forwarder_options options);

}  // namespace troupe::groups
