// log_writer: makes the writes of all groups of a node durable, as many as are queued with one
// sync. Knows neither terms nor roles; what a write holds was decided by the core.
//
//   accepts  append_job   queued until the mailbox is drained, then written and synced as one
//            load_job     answered with loaded_member, behind everything queued before
//            flush        from itself
//   sends    the replies that rested on the write, over direct lines to the other nodes
//            outbound     to peer links: the same where a line takes nothing at once
//            log_stable   to each member that waits for it, urgent; the others find their
//                         durable_mark moved
//   blocks   yes, on the log store: it is detached. Since when, write_watch tells everybody
//   bound    what the cores let out: uncommitted_bytes_max of each group that leads, the leader's
//            in-flight window for each that follows
//   fails    a failed write or sync stops the node through fatal_handler
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "actors/fatal.hpp"
#include "actors/messages.hpp"
#include "actors/peer_links.hpp"
#include "actors/write_watch.hpp"
#include "persistence/log_store.hpp"

namespace troupe::actors {

/// Only the newest log writer of a node may write: one that was replaced drops what it still holds,
/// so that nothing is written behind the back of a member that was loaded again.
class writer_fence {
 public:
  std::uint64_t take_over() {
    std::lock_guard lock(guard_);
    return ++epoch_;
  }
  /// Runs `work` unless a newer writer has taken over.
  template <class Work>
  void run_as(std::uint64_t epoch, Work&& work) {
    std::lock_guard lock(guard_);
    if (epoch == epoch_) work();
  }

 private:
  std::mutex guard_;
  std::uint64_t epoch_ = 0;
};

struct log_writer_options {
  std::shared_ptr<writer_fence> fence;
  std::shared_ptr<persistence::log_store> log;
  std::shared_ptr<persistence::state_store> states;
  std::shared_ptr<peer_links> links;
  fatal_handler fatal;
  std::shared_ptr<write_watch> watch = std::make_shared<write_watch>();
  std::function<void(clock::duration)> synced = [](clock::duration) {};  ///< by one write and sync
  std::size_t jobs_per_sync_max = 4096;
  std::uint64_t bytes_per_sync_max = 8U << 20U;
};

log_writer_actor spawn_log_writer(caf::actor_system& system, log_writer_options options);

}  // namespace troupe::actors
