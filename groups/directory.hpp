// directory: group name or id → the group's actor on this node, readable from every thread without
// asking the registry, which alone writes it. Also where requests are admitted or refused.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "actors/published.hpp"
#include "groups/messages.hpp"

namespace troupe::groups {

/// One group on this node. The actor changes when it is restarted; the rest stays.
class group_entry {
 public:
  group_entry(std::string name, raft::group_id id) : name_(std::move(name)), id_(id) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] raft::group_id id() const { return id_; }
  [[nodiscard]] std::optional<group_actor> actor() const { return actor_.get(); }
  void set_actor(std::optional<group_actor> a) { actor_.set(std::move(a)); }

  /// Unanswered requests of this node's callers; bounds the mailboxes behind it.
  bool admit(std::uint64_t bytes, std::uint32_t requests_max, std::uint64_t bytes_max) {
    const bool few = waiting_.fetch_add(1) < requests_max;
    const bool small = waiting_bytes_.fetch_add(bytes) + bytes <= bytes_max;
    if (few && small) return true;
    leave(bytes);
    return false;
  }
  void leave(std::uint64_t bytes) {
    waiting_.fetch_sub(1);
    waiting_bytes_.fetch_sub(bytes);
  }
  [[nodiscard]] std::uint32_t waiting() const { return waiting_.load(); }

 private:
  std::string name_;
  raft::group_id id_;
  std::atomic<std::uint32_t> waiting_{0};
  std::atomic<std::uint64_t> waiting_bytes_{0};
  actors::published<group_actor> actor_;
};

using group_entry_ptr = std::shared_ptr<group_entry>;

class directory {
 public:
  /// Null when there is no such group.
  [[nodiscard]] group_entry_ptr find(const std::string& name) const {
    const auto all = tables_.load();
    const auto found = all->by_name.find(name);
    return found == all->by_name.end() ? nullptr : found->second;
  }
  [[nodiscard]] group_entry_ptr find(raft::group_id id) const {
    const auto all = tables_.load();
    const auto found = all->by_id.find(id);
    return found == all->by_id.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::vector<group_entry_ptr> all() const {
    std::vector<group_entry_ptr> entries;
    for (const auto& [name, entry] : tables_.load()->by_name) entries.push_back(entry);
    return entries;
  }
  void put(const group_entry_ptr& entry) {
    std::lock_guard lock(writing_);
    auto changed = std::make_shared<tables>(*tables_.load());
    changed->by_name.insert_or_assign(entry->name(), entry);
    changed->by_id.insert_or_assign(entry->id(), entry);
    tables_.store(std::move(changed));
  }

 private:
  struct tables {
    std::map<std::string, group_entry_ptr> by_name;
    std::map<raft::group_id, group_entry_ptr> by_id;
  };
  std::mutex writing_;
  std::atomic<std::shared_ptr<const tables>> tables_{std::make_shared<const tables>()};
};

}  // namespace troupe::groups
