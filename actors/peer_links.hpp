// peer_links: node id → peer link, and the direct line beside it, readable from every actor without
// asking anyone. Written when a link is started or restarted.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "actors/messages.hpp"

namespace troupe::actors {

class direct_line;

class peer_links {
 public:
  void put(raft::node_id node, peer_link_actor link) {
    change([&](auto& ways) { ways[node].link = std::move(link); });
  }
  void put_line(raft::node_id node, std::shared_ptr<const direct_line> line) {
    change([&](auto& ways) { ways[node].line = std::move(line); });
  }
  void remove(raft::node_id node) {
    change([&](auto& ways) { ways.erase(node); });
  }
  /// Drops all handles: a link lives as long as somebody holds it.
  void clear() {
    change([](auto& ways) { ways.clear(); });
  }

  [[nodiscard]] std::optional<peer_link_actor> find(raft::node_id node) const {
    return way_to(node).link;
  }
  /// Null when there is none.
  [[nodiscard]] std::shared_ptr<const direct_line> line(raft::node_id node) const {
    return way_to(node).line;
  }

  /// Drops the message when the node is unknown: Raft repeats what matters.
  template <class Message>
  void send(raft::node_id node, Message&& m) const {
    if (const auto link = find(node)) actors::send(*link, std::forward<Message>(m));
  }

 private:
  struct way {
    std::optional<peer_link_actor> link;
    std::shared_ptr<const direct_line> line;
  };
  using map = std::map<raft::node_id, way>;

  template <class Change>
  void change(Change&& made) {
    std::lock_guard lock(writing_);
    auto changed = std::make_shared<map>(*ways_.load());
    made(*changed);
    ways_.store(std::move(changed));
  }

  [[nodiscard]] way way_to(raft::node_id node) const {
    const auto ways = ways_.load();
    const auto found = ways->find(node);
    return found == ways->end() ? way{} : found->second;
  }

  std::mutex writing_;
  std::atomic<std::shared_ptr<const map>> ways_{std::make_shared<const map>()};
};

}  // namespace troupe::actors
