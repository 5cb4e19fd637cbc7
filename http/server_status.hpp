// server_status: which naming requests are not let in: before the node knows what is registered,
// and where operators closed it by the switches overriddenServerStatus and limitedUrlMap.
// nacos-spec C.1, C.6. Knows nothing of how they are turned.
#pragma once

#include <optional>

#include "http/exchange.hpp"
#include "processors/switch_values.hpp"

namespace troupe::http {

/// The answer of a naming request that is not let in; nothing when it is. `is_loaded`: what stands
/// is known; before that a list would say of every service that nobody is there, and clients would
/// believe it.
std::optional<response> closed_by(const processors::naming::switches& s, bool is_loaded,
                                  const request& r);

}  // namespace troupe::http
