// group_actor: one member of one group: owns the core, is its only door in and out, and interprets
// each of its outputs once. Decides nothing about consensus itself.
//
//   states   loading (stores are being read) -> serving
//   accepts  peer_messages, peer_lost       from other nodes, through the links
//            propose_request, query_request, request_batch, transfer_request, status_request
//                                           from callers
//            log_stable, fetched, applied, due   from its roles
//            flush                          from itself: act on everything that came before
//   sends    append_job to the log writer; replicate and fetch to replicators; fetch_job to the log
//            reader; outbound to peer links; expect_applied, committed, serve_queries, leadership
//            to the FSM caller; arm to the election timer; what it cannot take now to the forwarder
//   blocks   no
//   bound    callers: node_facts.requests_max (admission, before the mailbox); peers: their
//            in-flight windows; proposals: the core's uncommitted_bytes_max, beyond it "overloaded"
//   fails    when one of its roles ends it ends too, and the registry starts the whole member again
//            from disk; callers that waited hear "outcome unknown"
#pragma once

#include "groups/messages.hpp"
#include "groups/services.hpp"

namespace troupe::groups {

group_actor spawn_group(caf::actor_system& system, services node, group_spec spec);

}  // namespace troupe::groups
