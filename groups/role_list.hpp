// role_list: which actors of a node play which role now. Holds none of them alive. Filled by
// whoever starts a role; read by tests that end single roles of a running node.
#pragma once

#include <algorithm>
#include <caf/all.hpp>
#include <cstddef>
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
    auto& [players, look_at] = players_[role];
    // Those that ended are forgotten, so that the list stays at most twice as long as the roles
    // that live; not at each addition, which would be quadratic where thousands of groups start.
    if (players.size() >= look_at) {
      std::erase_if(players, [](const auto& p) { return !alive(p); });
      look_at = std::max(few, 2 * players.size());
    }
    players.push_back(caf::actor_cast<caf::weak_actor_ptr>(who));
  }

  [[nodiscard]] std::vector<caf::actor> find(const std::string& role) const {
    std::lock_guard lock(guard_);
    std::vector<caf::actor> found;
    const auto players = players_.find(role);
    if (players == players_.end()) return found;
    for (const auto& p : players->second.weak) {
      if (alive(p)) found.push_back(caf::actor_cast<caf::actor>(p));
    }
    return found;
  }

 private:
  static constexpr std::size_t few = 16;

  struct of_role {
    std::vector<caf::weak_actor_ptr> weak;
    std::size_t look_at = few;  ///< so many before the next look at who has ended
  };

  static bool alive(const caf::weak_actor_ptr& p) {
    return caf::actor_cast<caf::strong_actor_ptr>(p) != nullptr;
  }

  mutable std::mutex guard_;
  std::map<std::string, of_role> players_;
};

}  // namespace troupe::groups
