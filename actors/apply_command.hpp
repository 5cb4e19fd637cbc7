// apply_command: one command through whatever applies it: exceptions and refusals undone, commands
// of a session applied once (persistence/sessions.hpp). Every processor, class or actor, applies
// through it, so that all replicas decide alike. Knows nothing of what commands mean.
#pragma once

#include <functional>

#include "actors/processing.hpp"
#include "persistence/group_state.hpp"

namespace troupe::actors {

using command_applier = std::function<reply(const command&, persistence::state_batch&)>;

/// Whatever `apply` throws becomes a refusal, the same on every node.
reply apply_command(const command& c, persistence::state_write& write,
                    const command_applier& apply);

}  // namespace troupe::actors
