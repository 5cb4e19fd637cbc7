// role_list: which actors of a node play which role now. Holds none of them alive. Filled by
// whoever starts a role; read by tests that end single roles of a running node.
#pragma once

#include <caf/all.hpp>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::groups {

class role_list {
 public:
  template <class Handle>
  void add(const std::string& role, const Handle& who) {
    std::lock_guard lock(guard_);
    auto& players = players_[role];
    // Those that ended are forgotten, so that the list stays as long as the roles that live.
    std::erase_if(players, [](const auto& p) { return !alive(p); });
    players.push_back(caf::actor_cast<caf::weak_actor_ptr>(who));
  }

  [[nodiscard]] std::vector<caf::actor> find(const std::string& role) const {
    std::lock_guard lock(guard_);
    std::vector<caf::actor> found;
    const auto players = players_.find(role);
    if (players == players_.end()) return found;
    for (const auto& p : players->second) {
      if (alive(p)) found.push_back(caf::actor_cast<caf::actor>(p));
    }
    return found;
  }

 private:
  static bool alive(const caf::weak_actor_ptr& p) {
    return caf::actor_cast<caf::strong_actor_ptr>(p) != nullptr;
  }

  mutable std::mutex guard_;
  std::map<std::string, std::vector<caf::weak_actor_ptr>> players_;
};

}  // namespace troupe::groups
