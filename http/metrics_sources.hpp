// metrics_sources: where the figures of this node stand, beside the groups' own. Knows nothing of
// who counts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace troupe::naming {
class catalogue;
class subscriptions;
}  // namespace troupe::naming

namespace troupe::http {

class config_table;

struct metrics_sources {
  std::shared_ptr<const naming::catalogue> services;
  std::shared_ptr<const naming::subscriptions> subscriptions;  ///< null: nobody is pushed to
  std::shared_ptr<const config_table> configs;
  std::function<std::size_t()> connections;
};

}  // namespace troupe::http
