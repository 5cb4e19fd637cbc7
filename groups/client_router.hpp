// client_router: finds the leader of each group among the nodes that a client knows, and sends it
// the client's requests. Repeats only what surely did not happen.
//
//   accepts  client_request   from any thread of the client
//            client_answer    a node could not do it: ask another, now or a little later
//            woken            from the ticker
//   sends    forward_request to peer links
//   blocks   no
//   bound    each link's requests_max and queued_bytes_max; every request has a deadline
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "actors/peer_links.hpp"
#include "groups/messages.hpp"

namespace troupe::groups {

struct client_router_options {
  std::vector<std::string> endpoints;
  std::function<actors::peer_link_actor(std::size_t node, const std::string& address)> make_link;
  actors::ticker_actor ticker;
};

client_router_actor spawn_client_router(caf::actor_system& system, client_router_options options);

}  // namespace troupe::groups
