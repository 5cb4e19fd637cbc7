// pusher_actor: the actor behind naming/push.hpp, which says what it does. For code that works with
// CAF's headers.
#pragma once

#include <memory>

#include "naming/changed_services.hpp"
#include "naming/messages.hpp"
#include "naming/push.hpp"

namespace troupe::naming {

pusher_actor spawn_pusher(caf::actor_system& system, const push_options& options,
                          std::shared_ptr<subscriber_table> table,
                          std::shared_ptr<changed_services> changed);

}  // namespace troupe::naming
