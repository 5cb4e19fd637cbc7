// naming_writes: proposes to the naming groups, stamped so that apply needs neither clock nor
// chance (nacos-spec E.0, H.3). Knows nothing of what is proposed.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "http/routes.hpp"
#include "processors/naming_messages.hpp"

namespace troupe::http {

/// Milliseconds since the epoch: the options' clock, or the system's.
std::function<std::uint64_t()> clock_of(const server_options& options);

class naming_writes {
 public:
  /// Stamps by the options' node and clock.
  naming_writes(view_ptr view, const server_options& options);

  [[nodiscard]] processors::naming::stamp stamp();

  /// Runs `then` on the connection's strand once `command` is applied, or answers `failed`.
  void propose(const exchange_ptr& call, std::string_view raft_group, std::string command,
               std::function<void()> then, std::function<response(const error&)> failed) const;

 private:
  view_ptr view_;
  raft::node_id node_;
  std::function<std::uint64_t()> now_ms_;
  /// Starts by chance, so that a restarted node does not use an id again.
  std::atomic<std::uint64_t> next_request_;
};

}  // namespace troupe::http
