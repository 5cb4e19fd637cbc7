// query_pool: a few threads for queries that may visit many keys, so that they hold up neither
// apply nor the scheduler. Each worker is a detached actor.
//
//   accepts  pooled_query
//   sends    nothing; answers through the query's promise
//   blocks   yes, on RocksDB
//   bound    queries_max waiting in all; beyond it a query is refused as overloaded
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "groups/messages.hpp"

namespace troupe::groups {

/// Answers `job` with `p` on a consistent view, on the caller's thread.
void answer_query(const processor& p, actors::query_job& job, clock::time_point now);

class query_pool {
 public:
  query_pool(caf::actor_system& system, std::size_t workers, std::uint32_t queries_max);

  void answer(std::shared_ptr<const processor> p, actors::query_job&& job);
  /// Puts a new worker in the place of one that has ended; none when it was no worker.
  std::optional<query_worker_actor> replace(const caf::actor_addr& ended);
  [[nodiscard]] std::vector<query_worker_actor> workers() const;
  /// Lets go of the workers, so that the actor system can end.
  void stop();

 private:
  query_worker_actor spawn_worker();

  caf::actor_system& system_;
  std::uint32_t queries_max_;
  std::shared_ptr<std::atomic<std::uint32_t>> waiting_;
  std::atomic<std::uint32_t> turn_{0};
  mutable std::mutex guard_;
  std::vector<query_worker_actor> workers_;
};

}  // namespace troupe::groups
