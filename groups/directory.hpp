// directory: group name or id → the group's actor on this node, readable from every thread without
// asking the registry, which alone writes it. Also where requests are admitted or refused.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/published.hpp"
#include "codec/group_name.hpp"
#include "groups/messages.hpp"

namespace troupe::groups {

/// One group on this node. The actor changes when it is restarted; the rest stays.
class group_entry {
 public:
  group_entry(std::string name, raft::group_id id)
      : name_(std::move(name)),
        id_(id),
        not_taken_(std::make_shared<const error>(
            error{error_code::no_leader,
                  "group '" + name_ + "' was restarted before it took the request",
                  {}})) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] raft::group_id id() const { return id_; }
  [[nodiscard]] std::optional<group_actor> actor() const { return actor_.get(); }
  /// Until the core has taken a request, losing it means that it surely did not happen.
  [[nodiscard]] const actors::shared_error& not_taken() const { return not_taken_; }
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
  actors::shared_error not_taken_;
  std::atomic<std::uint32_t> waiting_{0};
  std::atomic<std::uint64_t> waiting_bytes_{0};
  actors::published<group_actor> actor_;
};

using group_entry_ptr = std::shared_ptr<group_entry>;

class directory {
 public:
  /// Null when there is no such group.
  [[nodiscard]] group_entry_ptr find(const std::string& name) const {
    auto entry = find(codec::group_id_of(name));
    return entry != nullptr && entry->name() == name ? entry : nullptr;
  }
  [[nodiscard]] group_entry_ptr find(raft::group_id id) const {
    const auto part = part_of(id).load();
    if (part == nullptr) return nullptr;
    const auto at = place_of(id, *part);
    return at != part->end() && (*at)->id() == id ? *at : nullptr;
  }
  [[nodiscard]] std::vector<group_entry_ptr> all() const {
    std::vector<group_entry_ptr> entries;
    for (const auto& held : parts_) {
      if (const auto part = held.load()) entries.insert(entries.end(), part->begin(), part->end());
    }
    return entries;
  }
  void put(const group_entry_ptr& entry) {
    std::lock_guard lock(writing_);
    auto& held = parts_[entry->id().value() % parts_.size()];
    const auto before = held.load();
    auto changed = before ? std::make_shared<shelf>(*before) : std::make_shared<shelf>();
    const auto at = place_of(entry->id(), *changed);
    if (at != changed->end() && (*at)->id() == entry->id()) {
      (*changed)[static_cast<std::size_t>(at - changed->begin())] = entry;
    } else {
      changed->insert(at, entry);
    }
    held.store(std::move(changed));
  }

 private:
  /// Sorted by id. Replaced as a whole when a group comes: so there are many parts, else each of
  /// ten thousand groups would copy all the others.
  using shelf = std::vector<group_entry_ptr>;

  [[nodiscard]] static shelf::const_iterator place_of(raft::group_id id, const shelf& in) {
    return std::lower_bound(in.begin(), in.end(), id,
                            [](const auto& entry, raft::group_id g) { return entry->id() < g; });
  }
  [[nodiscard]] const std::atomic<std::shared_ptr<const shelf>>& part_of(raft::group_id id) const {
    return parts_[id.value() % parts_.size()];
  }

  std::mutex writing_;
  std::array<std::atomic<std::shared_ptr<const shelf>>, 256> parts_;
};

}  // namespace troupe::groups
