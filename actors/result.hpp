// result: how a request to a group ended, and the promise to say so exactly once. Knows nothing of
// CAF.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "codec/error.hpp"
#include "raft/bytes.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe {

/// A command that was applied, or a query that was answered.
struct response {
  raft::bytes data;       ///< what the processor answered
  raft::log_index index;  ///< of the applied entry; none for queries
  raft::term term;        ///< of the applied entry; none for queries
};

using result = raft::expected<response, error>;

/// Called exactly once, from any thread, and must not block.
using completion = std::function<void(result)>;

enum class consistency : std::uint8_t {
  linearizable,  ///< sees every write acknowledged before the query was made
  local,         ///< this node's own view, possibly old; needs no leader
};

}  // namespace troupe

namespace troupe::actors {

using clock = std::chrono::steady_clock;

/// What callers hear of requests that were lost: made once for all requests of a kind, as most are
/// never lost.
using shared_error = std::shared_ptr<const error>;

/// A caller's completion on its way through the actors. When the last holder goes without an
/// answer, because an actor was killed with it in its mailbox, the caller is told `if_dropped`: no
/// caller waits for ever, and none is told "failed" for what may have happened.
class promise {
 public:
  promise(completion done, shared_error if_dropped)
      : done_(std::move(done)), if_dropped_(std::move(if_dropped)) {}
  promise(completion done, error if_dropped)
      : promise(std::move(done), std::make_shared<const error>(std::move(if_dropped))) {}
  promise(const promise&) = delete;
  promise& operator=(const promise&) = delete;
  ~promise() {
    if (done_) answer(raft::unexpected(error(*if_dropped_)));
  }

  /// What the caller hears if nobody answers; changes when a request becomes irrevocable.
  void if_dropped(shared_error e) { if_dropped_ = std::move(e); }

  void answer(result r) {
    if (auto done = std::exchange(done_, nullptr)) done(std::move(r));
  }
  void fail(error_code code, std::string message, std::string leader = {}) {
    answer(raft::unexpected(error{code, std::move(message), std::move(leader)}));
  }

 private:
  completion done_;
  shared_error if_dropped_;
};

using promise_ptr = std::shared_ptr<promise>;

}  // namespace troupe::actors
