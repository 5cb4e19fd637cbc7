// ticker: the one timer of a node. Wakes whoever is due, and nobody else; a thousand waiting actors
// cost one pending timer. Knows nothing of what they wait for.
//
//   accepts  wake_request   wakes `who` at the first tick boundary at or after `when`
//            woken          from itself
//   sends    woken
//   blocks   no
//   bound    one entry for each outstanding wake_request; every caller has at most one
#pragma once

#include <chrono>

#include "actors/messages.hpp"

namespace troupe::actors {

ticker_actor spawn_ticker(caf::actor_system& system, std::chrono::milliseconds tick);

}  // namespace troupe::actors
