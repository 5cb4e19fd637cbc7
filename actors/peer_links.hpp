// peer_links: node id → peer link, readable from every actor without asking anyone. Written when a
// link is started or restarted.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "actors/messages.hpp"

namespace troupe::actors {

class peer_links {
 public:
  void put(raft::node_id node, peer_link_actor link) {
    std::lock_guard lock(writing_);
    auto changed = std::make_shared<map>(*links_.load());
    changed->insert_or_assign(node, std::move(link));
    links_.store(std::move(changed));
  }

  void remove(raft::node_id node) {
    std::lock_guard lock(writing_);
    auto changed = std::make_shared<map>(*links_.load());
    changed->erase(node);
    links_.store(std::move(changed));
  }

  /// Drops all handles: a link lives as long as somebody holds it.
  void clear() {
    std::lock_guard lock(writing_);
    links_.store(std::make_shared<map>());
  }

  [[nodiscard]] std::optional<peer_link_actor> find(raft::node_id node) const {
    const auto links = links_.load();
    const auto found = links->find(node);
    if (found == links->end()) return std::nullopt;
    return found->second;
  }

  /// Drops the message when the node is unknown: Raft repeats what matters.
  template <class Message>
  void send(raft::node_id node, Message&& m) const {
    if (const auto link = find(node)) actors::send(*link, std::forward<Message>(m));
  }

 private:
  using map = std::map<raft::node_id, peer_link_actor>;
  std::mutex writing_;
  std::atomic<std::shared_ptr<const map>> links_{std::make_shared<const map>()};
};

}  // namespace troupe::actors
