// trouped_registry: what a server does for the service registry by itself: it probes instances and
// pushes changes. Puts the parts of naming/ onto a node. Knows nothing of requests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "groups/node.hpp"
#include "naming/catalogue.hpp"
#include "naming/health_checker.hpp"
#include "naming/push.hpp"
#include "naming/switch_board.hpp"

namespace troupe::apps {

struct registry_options {
  raft::node_id node;
  std::uint32_t probes_max = 512;
  std::uint32_t probes_per_host_max = 64;
  std::uint32_t subscriptions_max = 200'000;
};

class registry_duties {
 public:
  /// Watches the catalogue and the switches: make it before processors fill them.
  registry_duties(const std::shared_ptr<node>& on,
                  const std::shared_ptr<naming::catalogue>& services,
                  const std::shared_ptr<naming::switch_board>& switches,
                  const registry_options& options);
  ~registry_duties();  ///< stops
  registry_duties(const registry_duties&) = delete;
  registry_duties& operator=(const registry_duties&) = delete;

  [[nodiscard]] std::shared_ptr<naming::subscriptions> subscriptions() const { return push_; }
  /// Why there are no pushes; empty when there are. Clients then poll.
  [[nodiscard]] const std::string& push_failure() const { return push_failure_; }
  /// To be called before the node stops.
  void stop();

 private:
  std::string push_failure_;
  std::shared_ptr<naming::push> push_;
  std::shared_ptr<naming::health_checker> checker_;
};

}  // namespace troupe::apps
