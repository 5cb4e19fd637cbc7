// session: commands that take effect exactly once, however often they are sent (Thesis §6.3). The
// group remembers the answers of a session in its replicated state until the client says that it
// has them, across failover, restarts and snapshots. Cheap to copy, safe from every thread.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>

#include "groups/group.hpp"
#include "raft/expected.hpp"

namespace troupe {

struct session_options {
  /// The group forgets a session that was not used for this long; 10 s to 24 h.
  std::chrono::milliseconds time_to_live{3'600'000};
  std::chrono::milliseconds timeout{10'000};  ///< of opening it
};

class session {
 public:
  using opened = raft::expected<session, error>;

  /// Registers a session with the group; `done` is called once, from any thread.
  static void open(group where, const session_options& options, std::function<void(opened)> done);
  [[nodiscard]] static std::future<opened> open(group where, const session_options& options = {});

  /// As group::propose, but sent again until it is answered or `timeout` is over: it is applied at
  /// most once. At most 64 may be unanswered, more are overloaded. session_expired: the group does
  /// not know the session any more, the command was not applied by this call.
  void propose(raft::bytes command, const propose_options& options, completion done) const;
  [[nodiscard]] std::future<result> propose(std::string command,
                                            const propose_options& options = {}) const;

  /// What the group calls this session.
  [[nodiscard]] std::uint64_t id() const;

 private:
  class internals;
  explicit session(std::shared_ptr<internals> parts);
  std::shared_ptr<internals> internals_;
};

}  // namespace troupe
