// overlay_change: an instance with what operators laid over it, and changes of that. Knows nothing
// of where overlays are kept and of HTTP. nacos-spec C.4.2, E.3, H19.
#pragma once

#include "naming/service.hpp"
#include "processors/naming_overlay_messages.hpp"

namespace troupe::naming {

using processors::naming::overlay_change;

/// The instance as users see it.
host laid_over(const host& registered, const processors::naming::instance_overlay& overlay);

}  // namespace troupe::naming
