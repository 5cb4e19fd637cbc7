// metrics_sources: where the figures of this node stand, beside the groups' own. Knows nothing of
// who counts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "http/naming_services.hpp"

namespace troupe::http {

class config_table;

struct metrics_sources {
  naming_services naming;
  std::shared_ptr<const config_table> configs;
  std::function<std::size_t()> connections;
};

}  // namespace troupe::http
