// service_rules: what becomes of commands about services as such, whose existence this group alone
// decides. nacos-spec E.2.1. Pure functions of command and state.
#pragma once

#include "groups/processor.hpp"
#include "processors/naming_service_messages.hpp"

namespace troupe::processors {

reply add_service(const naming::service_command& c, raft::log_index index,
                  persistence::state_batch& batch);
reply remove_service(const naming::service_command& c, persistence::state_batch& batch);
reply expire_services(const naming::expire_services& c, raft::log_index index,
                      persistence::state_batch& batch);

}  // namespace troupe::processors
