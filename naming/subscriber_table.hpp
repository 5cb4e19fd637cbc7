// subscriber_table: who subscribed what, and which pushes are not acknowledged yet. Told the time;
// knows nothing of sockets and of what is pushed. nacos-spec C.14.
//
// From any thread. Bounds: subscriptions_max pairs of client and service, beyond which clients poll
// only; one unacknowledged push for each pair, the latest; pushes_max sent within the last
// ack_wait, beyond which a push is not repeated.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "naming/push_agent.hpp"
#include "naming/subscriptions.hpp"

namespace troupe::naming {

struct subscriber_limits {
  std::size_t subscriptions_max = 200'000;
  std::size_t pushes_max = 200'000;
  std::chrono::milliseconds kept{30'000};      ///< after the last call of subscribe()
  std::chrono::milliseconds ack_wait{10'000};  ///< then the push is repeated, once
};

using packet_ptr = std::shared_ptr<const std::string>;

class subscriber_table {
 public:
  using endpoint = boost::asio::ip::udp::endpoint;
  using time_point = std::chrono::steady_clock::time_point;

  explicit subscriber_table(const subscriber_limits& limits) : limits_(limits) {}

  struct subscribed {
    subscription_outcome outcome = subscription_outcome::accepted;
    bool first = false;  ///< nobody was subscribed before
  };
  subscribed subscribe(const service_key& key, const subscriber& who, time_point now);
  void use(const push_switches& switches);

  [[nodiscard]] bool is_watched(const service_key& key) const;
  [[nodiscard]] std::vector<subscriber> subscribers(const service_key& key) const;
  [[nodiscard]] std::vector<service_key> subscribed_by(std::string_view client) const;
  [[nodiscard]] std::vector<std::string> clients() const;
  [[nodiscard]] push_counts counts() const;

  struct receiver {
    endpoint to;
    std::string clusters;
    std::size_t bytes_max = 0;
  };
  /// Who of the service's subscribers is pushed to as things are switched now.
  [[nodiscard]] std::vector<receiver> receivers(const service_key& key) const;

  /// A push is about to leave; what was sent of the service before needs no acknowledgement any
  /// more.
  void sent(const service_key& key, const endpoint& to, std::int64_t reference,
            const packet_ptr& packet, time_point now);
  void skipped();
  /// Whatever somebody sent: counts when it is of a push to this very address.
  void acked(const endpoint& from, std::int64_t reference, time_point now);

  struct repetition {
    endpoint to;
    packet_ptr packet;
  };
  /// Forgets clients that no longer call, gives up pushes that were repeated already, and returns
  /// those to be repeated now.
  std::vector<repetition> expire(time_point now);
  /// Nobody is subscribed and nothing is waited for.
  [[nodiscard]] bool is_idle() const;

 private:
  struct pending {
    service_key service;
    packet_ptr packet;
    time_point sent;
    bool repeated = false;
  };
  struct known_client {
    endpoint at;
    push_agent agent;
    subscriber said;  ///< without clusters
    time_point refreshed;
    std::map<service_key, std::string> clusters;
    std::map<std::int64_t, pending> unacked;  ///< by reference
  };
  using clients_by_address = std::map<endpoint, known_client>;
  struct waiting_ack {
    time_point until;
    endpoint to;
    std::int64_t reference = 0;
  };

  void forget(clients_by_address::iterator at);
  void expire_clients(time_point now);
  std::optional<repetition> judge(const waiting_ack& w, time_point now);
  static subscriber shown(const known_client& c, const std::string& clusters);
  [[nodiscard]] clients_by_address::const_iterator find(std::string_view client) const;

  const subscriber_limits limits_;
  mutable std::mutex mutex_;
  push_switches switches_;
  clients_by_address clients_;
  std::map<service_key, std::set<endpoint>> by_service_;
  std::multimap<time_point, endpoint> expiry_;  ///< one a client; not moved when it refreshes
  std::deque<waiting_ack> waits_;               ///< by time; those that are acked stay until then
  push_counts counts_;
};

}  // namespace troupe::naming
