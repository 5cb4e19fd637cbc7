// subscriptions: who is told over UDP when a service changes, and how that goes. nacos-spec C.14.
// What HTTP handlers see of it; naming/push.hpp does it. Knows nothing of sockets and of HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "naming/service.hpp"

namespace troupe::naming {

/// One client that polls lists of services, and where it hears pushes.
struct subscriber {
  std::string ip;  ///< as the client gave it; an address, not a name
  std::uint16_t udp_port = 0;
  std::string agent;     ///< "Nacos-Java-Client:v1.4.7"
  std::string app;       ///< "" when it gave none
  std::string clusters;  ///< what it asked for, byte for byte; "" is all

  /// "ip:port"
  [[nodiscard]] std::string address() const { return ip + ':' + std::to_string(udp_port); }
  /// "ip:port#true": what it is listed as among the clients
  [[nodiscard]] std::string client() const { return address() + "#true"; }
  friend bool operator==(const subscriber&, const subscriber&) = default;
};

/// Since the node started, but for the last two. Costs are from sending to the acknowledgement.
struct push_counts {
  std::uint64_t pushed = 0;  ///< to one subscriber each, without repetitions
  std::uint64_t failed = 0;  ///< not acknowledged, not even the repetition
  std::uint64_t acked = 0;
  std::uint64_t repeated = 0;
  std::uint64_t skipped = 0;        ///< larger than the datagram that the client can read
  std::uint64_t cost_ms_total = 0;  ///< of the `acked`
  std::uint64_t cost_ms_max = 0;
  std::uint64_t subscribers = 0;    ///< clients
  std::uint64_t subscriptions = 0;  ///< pairs of client and service
};

enum class subscription_outcome : std::uint8_t {
  accepted,
  not_pushable,  ///< no address, no port, or an agent that understands no push; it polls anyway
  too_many,      ///< the node has subscriptions_max already; likewise
};

/// From any thread; waits for nothing.
class subscriptions {
 public:
  subscriptions() = default;
  subscriptions(const subscriptions&) = delete;
  subscriptions& operator=(const subscriptions&) = delete;
  virtual ~subscriptions() = default;

  /// Subscribes, or refreshes: to be called with each poll that gives a UDP port. The clusters of
  /// the last call count. A client that does not call for 30 s is forgotten with all it subscribed.
  virtual subscription_outcome subscribe(const service_key& key, const subscriber& who) = 0;

  /// Sorted by address.
  [[nodiscard]] virtual std::vector<subscriber> subscribers(const service_key& key) const = 0;
  /// What `client` (see subscriber::client) subscribed, by service.
  [[nodiscard]] virtual std::vector<service_key> subscribed_by(std::string_view client) const = 0;
  /// All that subscribed anything, as subscriber::client, sorted.
  [[nodiscard]] virtual std::vector<std::string> subscribed_clients() const = 0;
  [[nodiscard]] virtual push_counts counts() const = 0;
};

}  // namespace troupe::naming
