// query_pool: a few threads for queries that may visit many keys, so that they hold up neither
// apply nor the scheduler. Each worker is a detached actor.
//
//   accepts  answer_next  answers the query that waits longest, then asks itself for the next
//   sends    nothing else; answers through the query's promise
//   blocks   yes, on RocksDB
//   bound    queries_max waiting in all; beyond it a query is refused as overloaded. One
//            answer_next on its way to each worker
//   fails    queries wait in one queue and in no mailbox: what waits when a worker ends is answered
//            by the others and by its successor
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "groups/messages.hpp"

namespace troupe::groups {

/// Answers the query with `p` on this view, on the caller's thread.
void answer_query(const processor& p, actors::waiting_query& query,
                  const persistence::state_view& view, clock::time_point now);

class query_pool {
 public:
  query_pool(caf::actor_system& system, std::size_t workers, std::uint32_t queries_max);

  void answer(std::shared_ptr<const processor> p, actors::waiting_query&& query,
              std::shared_ptr<persistence::group_state> data);
  /// Puts a new worker in the place of one that has ended; none when it was no worker.
  std::optional<query_worker_actor> replace(const caf::actor_addr& ended);
  [[nodiscard]] std::vector<query_worker_actor> workers() const;
  /// Fails what waits, and lets go of the workers, so that the actor system can end.
  void stop();

  /// What the pool and its workers share.
  struct desk;

 private:
  caf::actor_system& system_;
  std::shared_ptr<desk> desk_;
};

}  // namespace troupe::groups
