// naming_services: what the routes of the naming API stand on beside the groups. Knows nothing of
// who makes the parts; apps/ and the tests do.
#pragma once

#include <functional>
#include <memory>

#include "naming/catalogue.hpp"
#include "naming/ephemeral_instances.hpp"
#include "naming/health_counts.hpp"
#include "naming/subscriptions.hpp"
#include "naming/switch_board.hpp"

namespace troupe::http {

struct naming_services {
  /// What every read is answered from; never null.
  std::shared_ptr<naming::catalogue> catalogue;
  /// Shown in that catalogue; never null.
  std::shared_ptr<naming::ephemeral_instances> ephemeral;
  /// Null: nobody is pushed to, clients poll.
  std::shared_ptr<naming::subscriptions> subscriptions;
  /// Never null.
  std::shared_ptr<naming::switch_board> switches;
  /// Empty: nobody checks the health of instances here.
  std::function<naming::health_counts()> health;
};

}  // namespace troupe::http
