#include "http/server_directory.hpp"

#include <mutex>

namespace troupe::http {

namespace {

/// nacos-spec C.5: more than so many failures in a row, and the server is down.
constexpr std::uint32_t failures_max = 3;

}  // namespace

std::string_view name_of(server_state s) {
  switch (s) {
    case server_state::starting:
      return "STARTING";
    case server_state::up:
      return "UP";
    case server_state::suspicious:
      return "SUSPICIOUS";
    case server_state::down:
      return "DOWN";
  }
  return "DOWN";
}

bool is_state_name(std::string_view text) {
  for (const auto s :
       {server_state::starting, server_state::up, server_state::suspicious, server_state::down}) {
    if (name_of(s) == text) return true;
  }
  return text == "ISOLATION";
}

bool server_directory::is_loaded() const {
  const std::lock_guard lock(guard_);
  return loaded_;
}

std::optional<known_server> server_directory::find(raft::node_id node) const {
  const std::lock_guard lock(guard_);
  const auto found = known_.find(node);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<known_server> server_directory::find_address(std::string_view address) const {
  const std::lock_guard lock(guard_);
  for (const auto& [node, s] : known_) {
    if (s.address == address) return s;
  }
  return std::nullopt;
}

std::vector<known_server> server_directory::all() const {
  const std::lock_guard lock(guard_);
  std::vector<known_server> found;
  for (const auto& [node, s] : known_) found.push_back(s);
  return found;
}

void server_directory::reached(raft::node_id node, std::uint64_t now_ms) {
  const std::lock_guard lock(guard_);
  const auto found = known_.find(node);
  if (found == known_.end()) return;
  auto& s = found->second;
  s.state = server_state::up;
  s.failures = 0;
  s.refreshed_ms = now_ms;
}

void server_directory::missed(raft::node_id node, bool refused) {
  const std::lock_guard lock(guard_);
  const auto found = known_.find(node);
  if (found == known_.end()) return;
  auto& s = found->second;
  ++s.failures;
  s.state = refused || s.failures > failures_max ? server_state::down : server_state::suspicious;
}

void server_directory::heard(raft::node_id node, std::uint64_t now_ms, std::string raft_metadata) {
  reached(node, now_ms);
  const std::lock_guard lock(guard_);
  const auto found = known_.find(node);
  if (found != known_.end()) found->second.raft_metadata = std::move(raft_metadata);
}

void server_directory::begin() {
  const std::lock_guard lock(guard_);
  loading_.emplace();
}

void server_directory::put(raft::node_id node, const processors::servers::record& r) {
  const std::lock_guard lock(guard_);
  auto& s = told()[node];
  // With another address it is to be found out anew whether it is reached.
  if (s.address != r.address) s = {};
  s.node = node;
  s.address = r.address;
  s.version = r.version;
}

void server_directory::erased(raft::node_id node) {
  const std::lock_guard lock(guard_);
  told().erase(node);
}

void server_directory::loaded() {
  const std::lock_guard lock(guard_);
  if (loading_) {
    for (auto& [node, s] : *loading_) {
      const auto before = known_.find(node);
      if (before != known_.end() && before->second.address == s.address) s = before->second;
    }
    known_ = std::move(*loading_);
  }
  loading_.reset();
  loaded_ = true;
}

}  // namespace troupe::http
