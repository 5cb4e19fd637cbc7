// change_log: see the header.
#include "persistence/change_log.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_set>
#include <utility>

namespace troupe::persistence {
namespace {

constexpr std::size_t buffer_max = 64U << 10U;

}  // namespace

bool change_log::order::operator()(position a, position b) const {
  const int compared = (*changes)[a].key().compare((*changes)[b].key());
  return compared != 0 ? compared < 0 : a < b;
}

bool change_log::order::operator()(position a, const probe& b) const {
  const int compared = (*changes)[a].key().compare(b.key);
  return compared != 0 ? compared < 0 : a < b.behind;
}

bool change_log::order::operator()(const probe& a, position b) const {
  const int compared = a.key.compare((*changes)[b].key());
  return compared != 0 ? compared < 0 : a.behind <= b;
}

char* change_log::room_for(std::size_t bytes) {
  if (bytes > free_bytes_) {
    free_bytes_ = std::max(bytes, next_buffer_);
    next_buffer_ = std::min(next_buffer_ * 4, buffer_max);
    free_ = buffers_.emplace_back(new char[free_bytes_]).get();
    buffer_bytes_ += free_bytes_;
  }
  free_bytes_ -= bytes;
  return std::exchange(free_, free_ + bytes);
}

void change_log::add(std::string_view prefix, std::string_view key, std::string_view value,
                     bool is_erased) {
  const auto key_bytes = prefix.size() + key.size();
  char* const at = room_for(key_bytes + value.size());
  auto* const end = std::copy(key.begin(), key.end(), std::copy(prefix.begin(), prefix.end(), at));
  std::copy(value.begin(), value.end(), end);
  changes_.push_back({at, static_cast<std::uint32_t>(key_bytes),
                      static_cast<std::uint32_t>(value.size()), is_erased});
}

void change_log::put(std::string_view prefix, std::string_view key, std::string_view value) {
  add(prefix, key, value, false);
}

void change_log::erase(std::string_view prefix, std::string_view key) {
  add(prefix, key, {}, true);
}

void change_log::truncate(std::size_t count) {
  for (; indexed_ > count; --indexed_) index_.erase(static_cast<position>(indexed_ - 1));
  changes_.resize(std::min(count, changes_.size()));
}

void change_log::append(change_log& later) {
  const std::lock_guard guard(mutex_);
  changes_.insert(changes_.end(), later.changes_.begin(), later.changes_.end());
  std::move(later.buffers_.begin(), later.buffers_.end(), std::back_inserter(buffers_));
  buffer_bytes_ += std::exchange(later.buffer_bytes_, 0);
  // What is free lies in a buffer that is no longer the last one.
  free_bytes_ = 0;
  later.truncate(0);
  later.buffers_.clear();
  later.free_bytes_ = 0;
}

std::size_t change_log::size() const {
  const std::lock_guard guard(mutex_);
  return changes_.size();
}

std::uint64_t change_log::bytes() const {
  const std::lock_guard guard(mutex_);
  return buffer_bytes_ + changes_.size() * sizeof(change);
}

void change_log::build_index() const {
  for (; indexed_ < changes_.size(); ++indexed_) index_.insert(static_cast<position>(indexed_));
}

std::optional<change> change_log::find(std::string_view key, std::size_t seen) const {
  const std::lock_guard guard(mutex_);
  build_index();
  const auto behind = index_.lower_bound(probe{key, seen});
  if (behind == index_.begin()) return std::nullopt;
  const auto& found = changes_[*std::prev(behind)];
  return found.key() == key ? std::optional(found) : std::nullopt;
}

std::vector<change> change_log::range(std::string_view start, std::string_view end,
                                      std::size_t seen, std::size_t count_max) const {
  const std::lock_guard guard(mutex_);
  build_index();
  std::vector<change> found;
  for (auto at = index_.lower_bound(probe{start, 0}); at != index_.end(); ++at) {
    const auto& c = changes_[*at];
    const bool is_new = found.empty() || found.back().key() != c.key();
    if (c.key() >= end || (is_new && found.size() == count_max)) break;
    if (*at >= seen) continue;
    if (is_new) {
      found.push_back(c);
    } else {
      found.back() = c;
    }
  }
  return found;
}

std::vector<change> change_log::newest() const {
  const std::lock_guard guard(mutex_);
  std::unordered_set<std::string_view> known;
  known.reserve(changes_.size());
  std::vector<change> last;
  for (auto at = changes_.rbegin(); at != changes_.rend(); ++at) {
    if (known.insert(at->key()).second) last.push_back(*at);
  }
  std::sort(last.begin(), last.end(),
            [](const change& a, const change& b) { return a.key() < b.key(); });
  return last;
}

}  // namespace troupe::persistence
