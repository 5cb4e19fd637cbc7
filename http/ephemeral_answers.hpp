// ephemeral_answers: what is said when an ephemeral instance is not taken, and where kinds of
// instances mix (nacos-spec C.12.1). Knows nothing of requests.
#pragma once

#include <string>
#include <string_view>

#include "http/naming_dialect.hpp"
#include "naming/ephemeral_instances.hpp"

namespace troupe::http {

/// Word for word as Nacos: a service is either ephemeral or persistent. `is_persistent`: it is
/// persistent, so that no ephemeral instance fits in.
std::string mixing_text(const naming::service_key& s, bool is_persistent);

response ephemeral_failed(const naming_dialect& says, naming::ephemeral_failure why,
                          const naming::service_key& s);

}  // namespace troupe::http
