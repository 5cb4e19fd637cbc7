// instance_rules: what becomes of commands about persistent instances. nacos-spec C.12, E.1.2. Pure
// functions of command and state; know nothing of who proposed and who listens.
#pragma once

#include "groups/processor.hpp"
#include "processors/naming_service_messages.hpp"

namespace troupe::processors {

/// ADD, and CHANGE of what exists.
reply put_instance(const naming::command& c, raft::log_index index,
                   persistence::state_batch& batch);
/// Looks at the client only: cluster and the rest of the instance are not compared.
reply remove_instance(const naming::command& c, raft::log_index index,
                      persistence::state_batch& batch);
reply change_health(const naming::change_health& c, raft::log_index index,
                    persistence::state_batch& batch);

}  // namespace troupe::processors
