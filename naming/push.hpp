// push: tells subscribers over UDP that a service has changed, so that they need not wait for their
// next poll. nacos-spec C.14. Knows nothing of HTTP: what a list of a service looks like is handed
// in, and so are the sockets.
//
//   accepts  look_again   services that somebody subscribed have changed, or somebody subscribed
//            woken        from itself: one timer
//   sends    datagrams to the socket
//   blocks   no
//   bound    a service waits for its push once, however often it changes in `merged`; the rest as
//            naming/subscriber_table.hpp and naming/push_socket.hpp say. What is lost is what the
//            next poll brings.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "naming/catalogue.hpp"
#include "naming/push_agent.hpp"
#include "naming/push_socket.hpp"
#include "naming/subscriber_table.hpp"
#include "naming/subscriptions.hpp"

namespace caf {
class actor_system;
}

namespace troupe::naming {

struct push_options {
  std::chrono::milliseconds merged{500};
  subscriber_limits limits;
  push_switches switches;
  std::shared_ptr<catalogue> services;
  std::shared_ptr<push_socket> socket;
  /// The object that a list of the service shows, for these clusters; `shown` is null when the
  /// service is gone.
  std::function<std::string(const service_key& key, const service_ptr& shown,
                            std::string_view clusters)>
      render;
  /// The clock of the actors, and nanoseconds since the epoch; the system's when empty.
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<std::int64_t()> now_ns;
};

class push final : public subscriptions {
 public:
  /// Watches the catalogue: make it before anything changes there.
  push(caf::actor_system& system, push_options options);
  ~push() override;  ///< stops

  subscription_outcome subscribe(const service_key& key, const subscriber& who) override;
  [[nodiscard]] std::vector<subscriber> subscribers(const service_key& key) const override;
  [[nodiscard]] std::vector<service_key> subscribed_by(std::string_view client) const override;
  [[nodiscard]] std::vector<std::string> subscribed_clients() const override;
  [[nodiscard]] push_counts counts() const override;

  /// What the socket heard.
  void heard(const push_socket::endpoint& from, std::string_view datagram);
  void use(const push_switches& switches);
  /// Pushes no more. To be called before the actor system ends.
  void stop();

 private:
  class inside;
  std::shared_ptr<inside> inside_;
};

}  // namespace troupe::naming
