// server_directory: where the nodes of the cluster serve HTTP, and whether this node reaches them:
// what they have announced, and what became of the reports that servers send each other. Answers
// at once. Knows nothing of Raft and of how reports travel. nacos-spec A.8, C.5.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "processors/server_messages.hpp"
#include "raft/types.hpp"

namespace troupe::http {

enum class server_state : std::uint8_t { starting, up, suspicious, down };

/// As Nacos writes it.
std::string_view name_of(server_state s);
/// Also ISOLATION, which no server here is ever in; nothing when the text names none.
bool is_state_name(std::string_view text);

struct known_server {
  raft::node_id node;
  std::string address;  ///< host:port of its HTTP
  std::string version;
  server_state state = server_state::starting;  ///< until a report came through, or did not
  std::uint32_t failures = 0;                   ///< in a row
  std::uint64_t refreshed_ms = 0;               ///< when it was last reached or heard; 0: never
  /// What it said of its groups, as JSON; empty before it was heard.
  std::string raft_metadata;
};

/// Any thread. Bound: as many servers as processors::servers::servers_max.
class server_directory final : public processors::servers::server_observer {
 public:
  [[nodiscard]] bool is_loaded() const;
  [[nodiscard]] std::optional<known_server> find(raft::node_id node) const;
  [[nodiscard]] std::optional<known_server> find_address(std::string_view address) const;
  [[nodiscard]] std::vector<known_server> all() const;  ///< sorted by node

  /// A report of ours was taken.
  void reached(raft::node_id node, std::uint64_t now_ms);
  /// It was not; `refused`: nobody listens there, so that there is nothing to wait for.
  void missed(raft::node_id node, bool refused);
  /// A report of theirs came.
  void heard(raft::node_id node, std::uint64_t now_ms, std::string raft_metadata);

  // server_observer
  void begin() override;
  void put(raft::node_id node, const processors::servers::record& r) override;
  void erased(raft::node_id node) override;
  void loaded() override;

 private:
  using servers = std::map<raft::node_id, known_server>;
  /// What is being told anew stands beside what is known until it is complete.
  servers& told() { return loading_ ? *loading_ : known_; }

  mutable std::mutex guard_;
  servers known_;
  std::optional<servers> loading_;
  bool loaded_ = false;
};

}  // namespace troupe::http
