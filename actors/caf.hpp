// caf: the one place that knows how CAF 0.17 differs from later versions. Everything else uses
// typed actors, plain structs as messages, and the names below.
#pragma once

#include <caf/all.hpp>
#include <chrono>
#include <utility>

namespace troupe::actors {

/// Elections, heartbeats and storage notices overtake queued requests.
template <class Handle, class Message>
void send_urgent(const Handle& to, Message&& m) {
  caf::anon_send<caf::message_priority::high>(to, std::forward<Message>(m));
}

template <class Handle, class Message>
void send(const Handle& to, Message&& m) {
  caf::anon_send(to, std::forward<Message>(m));
}

/// Ends an actor at its next message; used for supervision and for tests that kill roles.
template <class Handle>
void stop(const Handle& who) {
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
}

/// An actor that may block has a thread of its own, so that it holds up no other. Where tests step
/// the scheduler by hand everything runs on their thread, this too: a thread would bring chance.
template <class... Args>
auto spawn_blocking(caf::actor_system& system, Args&&... args) {
  const auto policy = caf::get_or(system.config(), "scheduler.policy", caf::atom("sharing"));
  if (policy == caf::atom("testing")) return system.spawn(std::forward<Args>(args)...);
  return system.spawn<caf::detached>(std::forward<Args>(args)...);
}

/// What init_system needs: 'sharing', because the default policy starves actors, and a bound on how
/// long one busy actor may keep a worker.
inline void configure(caf::actor_system_config& config, std::size_t threads) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", threads);
  config.set("scheduler.max-throughput", std::size_t{50});
}

}  // namespace troupe::actors
