// health_checker_actor: the actor behind naming/health_checker.hpp, which says what it does. For
// code that works with CAF's headers.
#pragma once

#include <atomic>
#include <memory>

#include "naming/changed_services.hpp"
#include "naming/health_checker.hpp"
#include "naming/messages.hpp"

namespace troupe::naming {

/// What the catalogue's watchers leave for the actor.
struct health_feed {
  changed_services changed;
  /// How often this node has begun to lead. Whoever stopped and began again since has missed
  /// changes, and begins anew.
  std::atomic<std::uint64_t> leaderships{0};
};

/// What the actor shows of itself.
struct shown_health_counts {
  std::atomic<bool> active{false};
  std::atomic<std::uint64_t> instances{0};
  std::atomic<std::uint64_t> targets{0};
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> waiting{0};
  std::atomic<std::uint64_t> probes{0};
  std::atomic<std::uint64_t> flips{0};
  std::atomic<std::uint64_t> flips_failed{0};
};

health_checker_actor spawn_health_checker(caf::actor_system& system,
                                          const health_checker_options& options,
                                          std::shared_ptr<health_feed> feed,
                                          std::shared_ptr<shown_health_counts> shown);

}  // namespace troupe::naming
