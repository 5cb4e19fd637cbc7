// raft_operations: what an operator asks of the Raft groups through Nacos's interface, carried out
// group after group. Knows nothing of HTTP. nacos-spec A.9.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "groups/cluster_view.hpp"
#include "raft/expected.hpp"

namespace troupe::http {

struct raft_operation {
  std::string group;  ///< empty: every group, one after the other
  std::string command;
  std::string value;
  /// Another server sent it on: it is carried out here or nowhere.
  bool forwarded = false;
};

/// From {"groupId":…,"command":…,"value":…}, all of them texts; the error says what is wrong.
raft::expected<raft_operation, std::string> read_operation(std::string_view body);
/// As one server sends it on to another.
std::string write_forwarded(const raft_operation& operation);

/// Empty on success, else why it failed, at the first group where it did; groups before that keep
/// what was done. Called once, on any thread.
using operation_done = std::function<void(std::string failure)>;

/// Sends an operation that belongs to another node to it.
using operation_forwarder =
    std::function<void(raft::node_id to, const raft_operation&, const operation_done&)>;

void perform(const std::shared_ptr<cluster_view>& view, const raft_operation& operation,
             const operation_forwarder& forward, const operation_done& done);

}  // namespace troupe::http
