// actor_processor: registers a user's own typed actor as the processor of a group, in the place
// that a processor class would have. For code that works with CAF's headers.
//
// The actor speaks actors::processor_actor (actors/messages.hpp):
//   apply_batch   apply the commands in order, each with actors::apply_command (which undoes
//                 refusals and keeps sessions), commit them to `data` together with the point that
//                 change_at() gives, answer apply_done. One batch at a time. Answer for at least
//                 one command; those left come again. The same commands give the same data and
//                 replies on every node.
//   query_job     answer each of its queries through done
//   leadership    for display and for work outside apply
// A commit that says `stalled` wrote nothing: wait a little and commit again before answering.
// Every other failure goes into apply_done::status and stops the node, but for `fenced`: then a
// newer member owns the data and this actor is about to end.
#pragma once

#include <string>

#include "groups/messages.hpp"
#include "groups/node.hpp"

namespace troupe {

/// Makes the processor actor of a group, in the node's actor system; called again whenever the
/// member starts again from disk. `data->applied()` says where its state stands.
using groups::processor_maker;

/// Creates the group `name` on this node, with the actors that `maker` makes. Errors as
/// node::add().
error add_actor_processor(node& on, std::string name, processor_maker maker);

}  // namespace troupe
