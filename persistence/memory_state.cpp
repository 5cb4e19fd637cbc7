// memory_state: see the header.
#include "persistence/memory_state.hpp"

#include <algorithm>
#include <utility>

#include "persistence/status.hpp"

namespace troupe::persistence {
namespace {

/// Where a scan begins: a `from` before the prefix starts at the prefix, one behind it finds
/// nothing.
std::string_view start_of(std::string_view prefix, std::string_view from) {
  return std::max(prefix, from);
}

}  // namespace

void scan_keys(const memory_keys& keys, std::string_view prefix, std::string_view from,
               const key_visitor& visit) {
  for (auto at = keys.lower_bound(start_of(prefix, from));
       at != keys.end() && at->first.starts_with(prefix); ++at) {
    if (!visit(at->first, at->second)) {
      return;
    }
  }
}

// ---- committed ---------------------------------------------------------------------------------

class memory_view final : public state_view {
 public:
  explicit memory_view(std::shared_ptr<const memory_space::version> seen) : seen_(std::move(seen)) {
    seen_->views.fetch_add(1, std::memory_order_relaxed);
  }
  ~memory_view() override { seen_->views.fetch_sub(1, std::memory_order_release); }

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override {
    const auto found = seen_->keys.find(key);
    return found == seen_->keys.end() ? std::nullopt : std::optional(found->second);
  }
  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override {
    scan_keys(seen_->keys, prefix, from, visit);
  }

 private:
  std::shared_ptr<const memory_space::version> seen_;
};

std::unique_ptr<state_view> memory_space::view() const {
  return std::make_unique<memory_view>(now_);
}

void memory_space::apply(memory_changes changes) {
  if (changes.empty()) {
    return;
  }
  if (now_->views.load(std::memory_order_acquire) > 0) {
    auto next = std::make_shared<version>();
    next->keys = now_->keys;
    now_ = std::move(next);
  }
  for (auto& [key, value] : changes) {
    if (value) {
      now_->keys.insert_or_assign(key, *std::move(value));
    } else {
      now_->keys.erase(key);
    }
  }
}

// ---- a batch of one space ----------------------------------------------------------------------

std::optional<std::string> memory_batch::get(std::string_view key) const {
  if (const auto changed = changes_.find(key); changed != changes_.end()) {
    return changed->second;
  }
  const auto& keys = committed_->keys();
  const auto found = keys.find(key);
  return found == keys.end() ? std::nullopt : std::optional(found->second);
}

void memory_batch::scan(std::string_view prefix, std::string_view from,
                        const key_visitor& visit) const {
  // Copied out in the same growing portions as by stored_write: the visitor sees as much or as
  // little of what it writes meanwhile, and who wants the first key pays for eight.
  constexpr std::size_t portion_max = 256;
  std::string start(start_of(prefix, from));
  for (std::size_t portion = 8;; portion = std::min(portion * 4, portion_max)) {
    const auto found = next_pairs(prefix, start, portion);
    for (const auto& [key, value] : found) {
      if (!visit(key, value)) {
        return;
      }
    }
    if (found.size() < portion) {
      return;
    }
    start = found.back().first + '\0';
  }
}

memory_batch::pairs memory_batch::next_pairs(std::string_view prefix, std::string_view start,
                                             std::size_t count_max) const {
  const auto& keys = committed_->keys();
  auto below = keys.lower_bound(start);
  auto above = changes_.lower_bound(start);
  pairs found;
  while (found.size() < count_max) {
    const bool is_below = below != keys.end() && below->first.starts_with(prefix);
    const bool is_above = above != changes_.end() && above->first.starts_with(prefix);
    if (!is_below && !is_above) {
      break;
    }
    if (!is_above || (is_below && below->first < above->first)) {
      found.emplace_back(*below++);
      continue;
    }
    if (is_below && below->first == above->first) {
      ++below;
    }
    if (above->second) {
      found.emplace_back(above->first, *above->second);
    }
    ++above;
  }
  return found;
}

void memory_batch::remember(std::string_view key, memory_changes::const_iterator at) {
  if (!is_marked_) {
    return;
  }
  auto& last = since_mark_.emplace_back();
  last.key = key;
  if (at != changes_.end()) {
    last.before = at->second;
  }
}

void memory_batch::put(std::string_view key, std::string_view value) {
  const auto at = changes_.find(key);
  remember(key, at);
  if (at == changes_.end()) {
    changes_.emplace(key, value);
  } else {
    at->second = value;
  }
}

void memory_batch::erase(std::string_view key) {
  const auto at = changes_.find(key);
  const bool is_committed = committed_->keys().contains(key);
  if (at == changes_.end() && !is_committed) {
    return;
  }
  remember(key, at);
  if (!is_committed) {
    changes_.erase(at);  // or scans would stumble over all that came and went within the batch
  } else if (at == changes_.end()) {
    changes_.emplace(key, std::nullopt);
  } else {
    at->second.reset();
  }
}

void memory_batch::set_savepoint() {
  is_marked_ = true;
  since_mark_.clear();
}

void memory_batch::rollback() {
  if (!is_marked_) {
    changes_.clear();
    return;
  }
  for (auto last = since_mark_.rbegin(); last != since_mark_.rend(); ++last) {
    if (last->before) {
      changes_.insert_or_assign(std::move(last->key), *std::move(last->before));
    } else {
      changes_.erase(last->key);
    }
  }
  since_mark_.clear();
}

memory_changes memory_batch::take_changes() {
  is_marked_ = false;
  since_mark_.clear();
  return std::exchange(changes_, {});
}

// ---- a batch of the group ----------------------------------------------------------------------

class memory_write final : public state_write {
 public:
  explicit memory_write(memory_state& target)
      : target_(&target), data_(target.data_), own_(target.own_) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override {
    return data_.get(key);
  }
  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override {
    data_.scan(prefix, from, visit);
  }
  void put(std::string_view key, std::string_view value) override { data_.put(key, value); }
  void erase(std::string_view key) override { data_.erase(key); }
  state_batch& own() override { return own_; }

  void set_savepoint() override {
    data_.set_savepoint();
    own_.set_savepoint();
  }
  void rollback() override {
    data_.rollback();
    own_.rollback();
  }
  status commit(const applied_change& at) override;

 private:
  memory_state* target_;
  memory_batch data_;
  memory_batch own_;
};

std::unique_ptr<state_write> memory_state::begin() {
  return std::make_unique<memory_write>(*this);
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
  target_->data_.apply(data_.take_changes());
  target_->own_.apply(own_.take_changes());
  point.index = at.index;
  point.term = at.term;
  if (at.peers) {
    point.peers = *at.peers;
  }
  return {};
}

}  // namespace troupe::persistence
