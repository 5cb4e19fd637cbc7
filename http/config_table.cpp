#include "http/config_table.hpp"

#include <utility>

namespace troupe::http {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

std::string_view tenant_of(std::string_view key) {
  return key.substr(0, key.find('\0'));
}

}  // namespace

std::string config_key(const processors::config::item_key& key) {
  std::string out;
  out.reserve(key.tenant.size() + key.config_group.size() + key.data_id.size() + 2);
  out.append(key.tenant).push_back('\0');
  out.append(key.config_group).push_back('\0');
  return out.append(key.data_id);
}

processors::config::item_key config_names(std::string_view key) {
  const auto first = key.find('\0');
  const auto second = key.find('\0', first + 1);
  return {key.substr(0, first), key.substr(first + 1, second - first - 1), key.substr(second + 1)};
}

config_table::digest config_table::parse(std::string_view md5) {
  digest out{};
  for (std::size_t i = 0; i < out.size() && 2 * i + 1 < md5.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(digits.find(md5[2 * i]) << 4U | digits.find(md5[2 * i + 1]));
  }
  return out;
}

std::string config_table::md5(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto found = standing_.find(key);
  if (found == standing_.end()) return {};
  std::string out;
  out.reserve(2 * found->second.size());
  for (const auto byte : found->second) {
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 15U]);
  }
  return out;
}

std::size_t config_table::size() const {
  const std::lock_guard lock(mutex_);
  return standing_.size();
}

std::size_t config_table::size(std::string_view tenant) const {
  const std::lock_guard lock(mutex_);
  const auto found = in_tenant_.find(tenant);
  return found == in_tenant_.end() ? 0 : found->second;
}

bool config_table::is_loaded() const {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

void config_table::watch(std::function<void(changed_keys)> changed) {
  const std::lock_guard lock(mutex_);
  changed_ = std::move(changed);
}

void config_table::count(std::string_view key, int change) {
  const auto tenant = tenant_of(key);
  auto found = in_tenant_.find(tenant);
  if (found == in_tenant_.end()) found = in_tenant_.emplace(tenant, 0).first;
  found->second = change > 0 ? found->second + 1 : found->second - 1;
  if (found->second == 0) in_tenant_.erase(found);
}

void config_table::items_begin() {
  loading_ = true;
  arriving_.clear();
  news_.clear();
}

void config_table::item_put(const processors::config::item_key& key, std::string_view md5) {
  auto name = config_key(key);
  if (loading_) {
    arriving_.insert_or_assign(std::move(name), parse(md5));
    return;
  }
  const auto now = parse(md5);
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = standing_.try_emplace(name, now);
  if (is_new) count(name, 1);
  if (!is_new && at->second == now) return;
  at->second = now;
  news_.push_back(std::move(name));
}

void config_table::item_erased(const processors::config::item_key& key) {
  auto name = config_key(key);
  const std::lock_guard lock(mutex_);
  if (standing_.erase(name) == 0) return;
  count(name, -1);
  news_.push_back(std::move(name));
}

/// Behind a snapshot what stands may differ in any way from what stood before.
void config_table::items_loaded() {
  changed_keys differing;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, before] : standing_) {
      if (arriving_.find(key) == arriving_.end()) differing.push_back(key);
    }
    for (const auto& [key, now] : arriving_) {
      const auto before = standing_.find(key);
      if (before == standing_.end() || before->second != now) differing.push_back(key);
    }
    standing_ = std::exchange(arriving_, {});
    in_tenant_.clear();
    for (const auto& [key, now] : standing_) count(key, 1);
    loaded_ = true;
  }
  loading_ = false;
  tell(std::move(differing));
}

void config_table::committed() {
  tell(std::exchange(news_, {}));
}

void config_table::tell(changed_keys keys) {
  if (keys.empty()) return;
  std::function<void(changed_keys)> changed;
  {
    const std::lock_guard lock(mutex_);
    changed = changed_;
  }
  if (changed) changed(std::move(keys));
}

}  // namespace troupe::http
