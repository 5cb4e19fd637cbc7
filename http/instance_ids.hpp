// instance_ids: the instanceId of who asks for a generated one (nacos-spec C.12.2). Made by the
// proposer, so that apply needs no chance. Knows nothing of how instances are registered.
#pragma once

#include <string>

#include "http/instance_parameters.hpp"
#include "processors/naming_messages.hpp"

namespace troupe::http {

/// Empty when the metadata asks for none. An instance that registers again keeps the id that it
/// has: SDKs register often, and whoever knows it by its id goes on knowing it. `known` is its
/// service as it stands, null when there is none.
std::string generated_id(const registration& r, const naming::service_ptr& known,
                         const processors::naming::stamp& s);

}  // namespace troupe::http
