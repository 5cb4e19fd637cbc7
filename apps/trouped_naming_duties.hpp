// trouped_naming_duties: what a server does for its services by itself: it probes instances, pushes
// changes, misses beats, sweeps away what nobody needs. Puts the parts of naming/ onto a node.
// Knows nothing of requests.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "groups/node.hpp"
#include "http/naming_services.hpp"
#include "naming/health_checker.hpp"
#include "naming/periodic.hpp"
#include "naming/push.hpp"

namespace troupe::apps {

struct naming_duties_options {
  raft::node_id node;
  std::uint32_t probes_max = 512;
  std::uint32_t probes_per_host_max = 64;
  std::uint32_t subscriptions_max = 200'000;
};

class naming_duties {
 public:
  /// Watches the catalogue and the switches: make it before processors fill them.
  naming_duties(const std::shared_ptr<node>& on, const http::naming_services& naming,
                const naming_duties_options& options);
  ~naming_duties();  ///< stops
  naming_duties(const naming_duties&) = delete;
  naming_duties& operator=(const naming_duties&) = delete;

  [[nodiscard]] std::shared_ptr<naming::subscriptions> subscriptions() const { return push_; }
  [[nodiscard]] std::function<naming::health_counts()> health() const;
  /// Why there are no pushes; empty when there are. Clients then poll.
  [[nodiscard]] const std::string& push_failure() const { return push_failure_; }
  /// To be called before the node stops.
  void stop();

 private:
  std::string push_failure_;
  std::shared_ptr<naming::push> push_;
  std::shared_ptr<naming::health_checker> checker_;
  std::unique_ptr<naming::periodic> beats_;
  std::unique_ptr<naming::periodic> sweeps_;
};

}  // namespace troupe::apps
