// server_status: what operators have closed by the switches overriddenServerStatus and
// limitedUrlMap. nacos-spec C.1, C.6. Knows nothing of how they are turned.
#pragma once

#include <optional>

#include "http/exchange.hpp"
#include "processors/switch_values.hpp"

namespace troupe::http {

/// The answer of a naming request that is not let in; nothing when it is.
std::optional<response> closed_by(const processors::naming::switches& s, const request& r);

}  // namespace troupe::http
