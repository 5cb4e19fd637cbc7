// ephemeral_instances: the instances that live as long as their clients give signs of life, and
// only on this node (nacos-spec S1, C.4.4): who is due, who turns unhealthy, who is gone. Shows
// them through the catalogue. Knows nothing of groups, sockets and HTTP.
//
// From any thread; waits for nothing. An instance is looked at when it is due, not with each beat:
// a beat costs a look-up. Bounds: instances_max on the node, instances_per_service_max a service;
// beyond them registrations are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "naming/catalogue.hpp"
#include "naming/overlay_change.hpp"

namespace troupe::naming {

/// Why an ephemeral instance is not registered or changed.
enum class ephemeral_failure : std::uint8_t {
  persistent_service,   ///< nacos-spec C.12.1
  too_many_in_service,  ///< instances_per_service_max
  too_many_on_node,     ///< ephemeral_instances::options::instances_max
  unknown_instance,     ///< nothing of that address is registered here
  too_much_metadata,    ///< metadata_bytes_max or metadata_pairs_max, after the change
};

enum class beat_outcome : std::uint8_t {
  alive,
  unknown,             ///< has to register again
  persistent_service,  ///< no beats are expected here. nacos-spec C.12.1
};

struct beat_answer {
  beat_outcome outcome = beat_outcome::unknown;
  /// The instance's own interval, when its metadata has one.
  std::optional<std::uint64_t> interval_ms;
};

class ephemeral_instances {
 public:
  /// Milliseconds that only rise, from any beginning.
  using clock = std::function<std::uint64_t()>;

  struct options {
    /// Also those that are gone but for an overlay.
    std::size_t instances_max = 200'000;
    /// An overlay waits so long for its instance to come back. nacos-spec E.3.1.
    std::uint64_t overlay_kept_ms = 60'000;
    /// What the node slept through (stopped, suspended) does not count against clients: nobody
    /// could beat. Time advances by at most so much between two calls.
    std::uint64_t gap_ms_max = 5'000;
  };

  ephemeral_instances(std::shared_ptr<catalogue> shown, clock now, options limits);
  ephemeral_instances(std::shared_ptr<catalogue> shown, clock now)
      : ephemeral_instances(std::move(shown), std::move(now), options()) {}

  /// Registers `h`, or replaces what its address has registered in the service. An overlay stays
  /// unless the cluster is another one.
  std::optional<ephemeral_failure> enroll(const service_key& service, host h);
  /// False when there was none.
  bool withdraw(const service_key& service, const std::string& ip, std::uint16_t port);
  /// A sign of life.
  beat_answer beat(const service_key& service, const std::string& ip, std::uint16_t port);
  /// Changes what is laid over the instance `ip:port` of `cluster`.
  std::optional<ephemeral_failure> lay_over(const service_key& service, const std::string& ip,
                                            std::uint16_t port, const std::string& cluster,
                                            const overlay_change& change);

  /// Turns unhealthy or removes whoever is due. To be called every second or so.
  void check();

  [[nodiscard]] std::size_t size() const;

 private:
  struct entry;
  using deadlines = std::multimap<std::uint64_t, entry*>;
  using entries = std::map<std::string, entry, std::less<>>;  ///< by address, "ip:port"

  struct entry {
    const service_key* service = nullptr;
    const std::string* address = nullptr;
    std::optional<host> registered;  ///< unset: gone, its overlay waits
    std::optional<processors::naming::instance_overlay> overlay;
    std::string overlay_cluster;  ///< the instance of which it was laid over
    std::uint64_t beaten_ms = 0;
    std::uint64_t unhealthy_after_ms = 0;
    std::uint64_t removed_after_ms = 0;
    deadlines::iterator due;

    [[nodiscard]] host shown() const;
    [[nodiscard]] std::uint64_t due_ms() const;
  };

  std::uint64_t advance();
  entry* find(const service_key& service, std::string_view address);
  entry& insert(const service_key& service, const std::string& address);
  void drop(entry& e);
  void rearm(entry& e, std::uint64_t due_ms);
  /// Lets users see the entry as it is now. Drops it when the service is persistent by now.
  std::optional<ephemeral_failure> show(entry& e);
  /// True when more may be due.
  bool check_some();
  void judge(entry& e);
  void remove(entry& e);

  const std::shared_ptr<catalogue> catalogue_;
  const clock clock_;
  const options options_;

  mutable std::mutex mutex_;  ///< taken before the catalogue's
  std::map<service_key, entries> services_;
  deadlines deadlines_;  ///< one an entry
  std::uint64_t clock_ms_;
  std::uint64_t time_ms_ = 0;
};

}  // namespace troupe::naming
