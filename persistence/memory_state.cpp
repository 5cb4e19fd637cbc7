// memory_state: see the header.
#include "persistence/memory_state.hpp"

#include <utility>

namespace troupe::persistence {
namespace {

std::optional<std::string> get_from(const memory_keys& keys, std::string_view key) {
  const auto found = keys.find(key);
  if (found == keys.end()) {
    return std::nullopt;
  }
  return found->second;
}

void scan_in(const memory_keys& keys, std::string_view prefix, std::string_view from,
             const key_visitor& visit) {
  // A `from` before the prefix starts at the prefix, one behind it finds nothing.
  for (auto at = keys.lower_bound(from < prefix ? prefix : from);
       at != keys.end() && at->first.starts_with(prefix); ++at) {
    if (!visit(at->first, at->second)) {
      return;
    }
  }
}

}  // namespace

std::optional<std::string> memory_view::get(std::string_view key) const {
  return get_from(keys_, key);
}

void memory_view::scan(std::string_view prefix, std::string_view from,
                       const key_visitor& visit) const {
  scan_in(keys_, prefix, from, visit);
}

std::unique_ptr<state_write> memory_state::begin() {
  return std::make_unique<memory_write>(*this);
}

std::unique_ptr<state_view> memory_state::view() const {
  return std::make_unique<memory_view>(keys_);
}

std::unique_ptr<state_view> memory_state::own_view() const {
  return std::make_unique<memory_view>(own_keys_);
}

std::optional<std::string> memory_batch::get(std::string_view key) const {
  return get_from(keys_, key);
}

void memory_batch::scan(std::string_view prefix, std::string_view from,
                        const key_visitor& visit) const {
  // On a copy: the visitor may write to this batch while it scans.
  scan_in(memory_keys(keys_), prefix, from, visit);
}

void memory_batch::put(std::string_view key, std::string_view value) {
  keys_.insert_or_assign(std::string(key), std::string(value));
}

void memory_batch::erase(std::string_view key) {
  if (const auto found = keys_.find(key); found != keys_.end()) {
    keys_.erase(found);
  }
}

status memory_write::commit(const applied_change& at) {
  if (target_->fenced_) {
    return {status_code::fenced, "a newer opener of the group has taken over"};
  }
  auto& point = target_->point_;
  if (at.index <= point.index || at.term < point.term) {
    return {status_code::corrupt, "applied index " + to_string(at.index) + " of term " +
                                      to_string(at.term) + " does not rise above " +
                                      to_string(point.index) + " of term " + to_string(point.term)};
  }
  if (target_->stalls_ > 0) {
    --target_->stalls_;
    return {status_code::stalled, "the state store asks writers to wait"};
  }
  target_->keys_ = data_.keys();
  target_->own_keys_ = own_.keys();
  point.index = at.index;
  point.term = at.term;
  if (at.peers) {
    point.peers = *at.peers;
  }
  return {};
}

}  // namespace troupe::persistence
