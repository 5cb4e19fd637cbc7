// asked_leaders: the writes that this node has asked others for and that are not answered yet. Who
// takes one out answers it, nobody else does. Answers come from the threads of links, so there is a
// lock. Knows nothing of what is asked.
//
//   bound    what is asked holds an admission of its group: node_facts.requests_max
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/result.hpp"

namespace troupe::groups {

class asked_leaders {
 public:
  /// Names what was asked; names rise.
  std::uint64_t add(const std::string& group, raft::node_id leader, actors::promise_ptr done) {
    std::lock_guard lock(guard_);
    const auto name = next_++;
    by_group_[group].emplace(name, asked{leader, std::move(done)});
    return name;
  }
  /// False when somebody has taken it out before.
  bool take(const std::string& group, std::uint64_t name) {
    std::lock_guard lock(guard_);
    const auto all = by_group_.find(group);
    if (all == by_group_.end() || all->second.erase(name) == 0) return false;
    if (all->second.empty()) by_group_.erase(all);
    return true;
  }
  /// Those that were asked of another node than `leader`, up to `newest`.
  std::vector<actors::promise_ptr> take_others(const std::string& group, raft::node_id leader,
                                               std::uint64_t newest) {
    std::lock_guard lock(guard_);
    std::vector<actors::promise_ptr> taken;
    const auto all = by_group_.find(group);
    if (all == by_group_.end()) return taken;
    for (auto a = all->second.begin(); a != all->second.end() && a->first <= newest;) {
      if (a->second.leader == leader) {
        ++a;
        continue;
      }
      taken.push_back(std::move(a->second.done));
      a = all->second.erase(a);
    }
    if (all->second.empty()) by_group_.erase(all);
    return taken;
  }
  /// The name of the newest that the group waits for; 0 when it waits for none.
  [[nodiscard]] std::uint64_t newest(const std::string& group) const {
    std::lock_guard lock(guard_);
    const auto all = by_group_.find(group);
    return all == by_group_.end() ? 0 : all->second.rbegin()->first;
  }

 private:
  struct asked {
    raft::node_id leader;
    actors::promise_ptr done;
  };

  mutable std::mutex guard_;
  std::unordered_map<std::string, std::map<std::uint64_t, asked>> by_group_;
  std::uint64_t next_ = 1;
};

}  // namespace troupe::groups
