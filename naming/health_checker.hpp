// health_checker: keeps the health of persistent instances true: probes them while this node leads
// their group and knows their settings, and proposes what changed. nacos-spec C.13, F8-F10, H11,
// H12. Knows nothing of sockets (naming/prober.hpp), logs and HTTP.
//
//   accepts  look_again        services changed, or who leads
//            probes_switched   from operators
//            probed            from the prober, on its threads
//            flips_answered    from the group
//            woken             from itself: one timer, however many instances there are
//   sends    probes to the prober, flips to the group
//   blocks   no
//   bound    probes_open_max probes at a time, probes_per_host_max of them at one host: beyond it
//            what is due waits for its turn, host by host, each target once. Changed services are
//            noted once each. Flips wait once for each instance, flips_per_entry_max go into one
//            entry, one entry is under way at a time.
//
// It never removes an instance and never touches one that an operator has switched off. Without
// leadership it forgets everything; the next leader begins anew, with the first probes spread over
// seconds.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "actors/result.hpp"
#include "naming/catalogue.hpp"
#include "naming/health_counts.hpp"
#include "naming/probe_book.hpp"

namespace caf {
class actor_system;
}

namespace troupe::naming {

struct health_checker_options {
  std::size_t probes_open_max = 512;
  std::size_t probes_per_host_max = 64;
  std::size_t flips_per_entry_max = 500;
  /// A host that goes takes many instances with it: so long flips are collected.
  std::chrono::milliseconds flips_collected{10};
  std::uint64_t seed = 0;  ///< spreads the first probes
  probe_switches switches;
  std::shared_ptr<catalogue> services;
  std::shared_ptr<prober> probes;
  /// Proposes an entry; the completion may come from any thread.
  std::function<void(const std::vector<health_flip>& flips, completion done)> propose;
};

class health_checker {
 public:
  /// Watches the catalogue: make it before anything changes there.
  health_checker(caf::actor_system& system, health_checker_options options);
  ~health_checker();  ///< stops
  health_checker(const health_checker&) = delete;
  health_checker& operator=(const health_checker&) = delete;

  /// From any thread, like all below.
  void use(const probe_switches& switches);
  [[nodiscard]] health_counts counts() const;
  /// Probes no more. To be called before the actor system ends.
  void stop();

  class inside;

 private:
  std::shared_ptr<inside> inside_;
};

}  // namespace troupe::naming
