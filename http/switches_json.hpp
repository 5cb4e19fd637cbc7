// switches_json: the switches as Nacos shows them. nacos-spec C.6. Knows nothing of who turns them.
#pragma once

#include <nlohmann/json.hpp>

#include "processors/switch_values.hpp"

namespace troupe::http {

nlohmann::ordered_json switches_json(const processors::naming::switches& s);

}  // namespace troupe::http
