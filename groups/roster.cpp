#include "groups/roster.hpp"

#include <algorithm>
#include <utility>

namespace troupe::groups {

using raft::node_id;

roster::roster(const std::map<node_id, std::string>& configured,
               const codec::known_nodes& remembered)
    : nodes_(remembered) {
  for (const auto& [id, address] : configured) nodes_[id].address = address;
}

void roster::on_change(std::function<void()> tell) {
  std::lock_guard lock(guard_);
  tell_ = std::move(tell);
}

void roster::changed() {
  std::unique_lock lock(guard_);
  const auto tell = tell_;
  lock.unlock();
  if (tell) tell();
}

std::string roster::address_of(node_id n) const {
  std::lock_guard lock(guard_);
  const auto found = nodes_.find(n);
  return found == nodes_.end() ? std::string{} : found->second.address;
}

bool roster::contains(node_id n) const {
  std::lock_guard lock(guard_);
  const auto found = nodes_.find(n);
  return found != nodes_.end() && !found->second.removed;
}

std::map<node_id, std::string> roster::addresses() const {
  std::lock_guard lock(guard_);
  std::map<node_id, std::string> all;
  for (const auto& [id, node] : nodes_) {
    if (!node.removed) all.emplace(id, node.address);
  }
  return all;
}

codec::known_nodes roster::remembered() const {
  std::lock_guard lock(guard_);
  return nodes_;
}

codec::address_book roster::book_of(const std::vector<node_id>& members) const {
  std::lock_guard lock(guard_);
  codec::address_book book;
  for (const auto id : members) {
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) {
      book.push_back({id, {}, 0});
    } else {
      book.push_back({id, found->second.address, found->second.added});
    }
  }
  return book;
}

bool roster::has_group(node_id n) const {
  return std::any_of(members_.begin(), members_.end(), [n](const auto& group) {
    return std::find(group.second.begin(), group.second.end(), n) != group.second.end();
  });
}

bool roster::learn(const codec::member_record& record) {
  auto [at, is_new] = nodes_.try_emplace(record.id);
  auto& node = at->second;
  if (is_new || record.added > node.added) {
    // Added again: whatever data directory it had before counts for nothing.
    node = {record.address.empty() ? node.address : record.address, record.added, 0, false};
    return true;
  }
  const bool is_back = std::exchange(node.removed, false);
  const bool was_unknown = node.address.empty() && !record.address.empty();
  if (was_unknown) node.address = record.address;
  return is_back || was_unknown;
}

void roster::learn_of(const codec::address_book& book) {
  bool is_news = false;
  {
    std::lock_guard lock(guard_);
    for (const auto& record : book) is_news = learn(record) || is_news;
  }
  if (is_news) changed();
}

void roster::follow(raft::group_id group, const codec::address_book& book) {
  bool is_news = false;
  {
    std::lock_guard lock(guard_);
    std::vector<node_id> now;
    for (const auto& record : book) {
      now.push_back(record.id);
      is_news = learn(record) || is_news;
    }
    const auto before = std::exchange(members_[group], std::move(now));
    for (const auto id : before) {
      if (has_group(id)) continue;
      nodes_[id].removed = true;
      is_news = true;
    }
  }
  if (is_news) changed();
}

acquaintance roster::meet(node_id n, std::uint64_t birth, const std::string& address) {
  {
    std::lock_guard lock(guard_);
    const auto found = nodes_.find(n);
    if (found == nodes_.end() || found->second.removed) return acquaintance::unknown;
    auto& node = found->second;
    if (node.birth != 0 && node.birth != birth) return acquaintance::wiped;
    const bool has_moved = !address.empty() && address != node.address;
    if (node.birth == birth && !has_moved) return acquaintance::welcome;
    node.birth = birth;
    if (has_moved) node.address = address;
  }
  changed();
  return acquaintance::welcome;
}

}  // namespace troupe::groups
