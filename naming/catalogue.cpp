#include "naming/catalogue.hpp"

#include <algorithm>
#include <utility>

#include "naming/catalogue_slot.hpp"
#include "naming/overlay_change.hpp"

namespace troupe::naming {

catalogue::catalogue() = default;
catalogue::~catalogue() = default;

// ---- reading -----------------------------------------------------------------------------------

service_ptr catalogue::snapshot_of(const slot& s) {
  auto out = std::make_shared<service>();
  out->key = s.key;
  out->ephemeral = s.is_ephemeral();
  out->revision = s.revision;
  if (s.record) {
    out->created_by_user = s.record->created_by_user;
    out->changed_ms = s.record->changed_ms;
  }
  out->settings = s.settings;
  out->hosts.reserve(s.entries.size());
  for (const auto& [client, e] : s.entries) {
    out->hosts.push_back(e.shown);
    if (e.shown->healthy) ++out->healthy;
  }
  return out;
}

service_ptr catalogue::find(const service_key& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(key);
  if (found == slots_.end() || !found->second->exists()) return nullptr;
  auto& s = *found->second;
  if (!s.shown) s.shown = snapshot_of(s);
  return s.shown;
}

std::uint64_t catalogue::reference_time(const service_key& key, const service_ptr& shown,
                                        std::uint64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(key);
  if (found == slots_.end()) {
    floor_ms_ = std::max(floor_ms_, now_ms);
    return floor_ms_;
  }
  auto& s = *found->second;
  const auto revision = shown ? shown->revision : 0;
  // Only what differs costs a millisecond, so that stamps do not run ahead of the clock.
  const bool differs = std::exchange(s.reference_revision, revision) != revision;
  s.reference_ms = std::max(s.reference_ms + static_cast<std::uint64_t>(differs), now_ms);
  return s.reference_ms;
}

void catalogue::each(std::string_view namespace_id,
                     const std::function<bool(const service_ptr&)>& visit) const {
  service_key at{std::string(namespace_id), {}, {}};
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      const auto next = slots_.upper_bound(at);
      if (next == slots_.end() || next->first.namespace_id != namespace_id) return;
      at = next->first;
    }
    // Unlocked, since a visitor may take its time; a service that went meanwhile is passed over.
    if (const auto s = find(at); s && !visit(s)) return;
  }
}

std::vector<service_key> catalogue::published_by(std::string_view client) const {
  std::vector<service_key> out;
  {
    const std::lock_guard lock(mutex_);
    const auto found = publishers_.find(client);
    if (found == publishers_.end()) return out;
    for (const auto* s : found->second) out.push_back(s->key);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> catalogue::clients() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  out.reserve(publishers_.size());
  for (const auto& [client, services] : publishers_) out.push_back(client);
  return out;
}

catalogue_counts catalogue::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

bool catalogue::is_loaded() const {
  return instances_loaded_ && settings_loaded_ && overlays_loaded_;
}

// ---- ephemeral instances -----------------------------------------------------------------------

std::optional<ephemeral_refusal> catalogue::put_ephemeral(const service_key& key, host h) {
  {
    const std::lock_guard lock(mutex_);
    change in(*this, key);
    const bool is_new = !in->record && in->entries.empty();
    if (!is_new && !in->is_ephemeral()) return ephemeral_refusal::persistent_service;
    const auto client = h.client();
    if (in->entries.size() >= processors::naming::instances_per_service_max &&
        !in->entries.contains(client)) {
      return ephemeral_refusal::too_many;
    }
    put_host(in, client, std::make_shared<const host>(std::move(h)));
  }
  committed();
  return std::nullopt;
}

bool catalogue::erase_ephemeral(const service_key& key, std::string_view client) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(key);
    if (found == slots_.end() || !found->second->is_ephemeral()) return false;
    change in(*this, key);
    if (!erase_host(in, client)) return false;
  }
  committed();
  return true;
}

// ---- hosts -------------------------------------------------------------------------------------

host_ptr catalogue::shown_of(const slot& in, const host_ptr& registered) {
  const auto found = in.overlays.empty() ? in.overlays.end() : in.overlays.find(registered->tag());
  if (found == in.overlays.end()) return registered;
  return std::make_shared<host>(laid_over(*registered, found->second.overlay));
}

void catalogue::put_host(change& in, const std::string& client, host_ptr registered) {
  auto [at, is_new] = in->entries.try_emplace(client);
  if (is_new) {
    publishers_[client].push_back(&*in);
    ++counts_.instances;
    if (registered->ephemeral) ++counts_.ephemeral_instances;
  }
  at->second.shown = shown_of(*in, registered);
  at->second.registered = std::move(registered);
  at->second.told = instances_told_;
  in.touch();
}

bool catalogue::erase_host(change& in, std::string_view client) {
  const auto at = in->entries.find(client);
  if (at == in->entries.end()) return false;
  --counts_.instances;
  if (at->second.registered->ephemeral) --counts_.ephemeral_instances;
  const auto publisher = publishers_.find(client);
  std::erase(publisher->second, &*in);
  if (publisher->second.empty()) publishers_.erase(publisher);
  in->entries.erase(at);
  in.touch();
  return true;
}

// ---- watching ----------------------------------------------------------------------------------

void catalogue::watch(std::function<void(const service_key&)> changed) {
  watchers_.push_back(std::move(changed));
}

void catalogue::watch_leadership(std::function<void(bool)> changed) {
  leadership_watchers_.push_back(std::move(changed));
}

void catalogue::committed() {
  std::set<service_key> changed;
  {
    const std::lock_guard lock(mutex_);
    changed.swap(changed_);
  }
  for (const auto& key : changed) {
    for (const auto& tell : watchers_) tell(key);
  }
}

void catalogue::leading(bool leads) {
  leads_ = leads;
  for (const auto& tell : leadership_watchers_) tell(leads);
}

}  // namespace troupe::naming
