// What the naming groups tell the catalogue.
#include <utility>

#include "naming/catalogue.hpp"
#include "naming/catalogue_slot.hpp"

namespace troupe::naming {

namespace {

using processors::naming::instance;
using processors::naming::instance_overlay;
using processors::naming::service_record;
using processors::naming::service_settings;

host_ptr host_of(const instance& i) {
  auto h = std::make_shared<host>();
  h->ip = i.ip;
  h->port = i.port;
  h->cluster = i.cluster;
  h->healthy = i.healthy;
  h->enabled = i.enabled;
  h->weight = i.weight;
  h->generated_id = i.instance_id;
  for (const auto& [key, value] : i.metadata) h->metadata.emplace(key, value);
  return h;
}

}  // namespace

/// Visits every service; `drop` gets the key and what stands there, and may begin a change.
template <class Drop>
void catalogue::drop_what_was_not_told(const Drop& drop) {
  for (auto at = slots_.begin(); at != slots_.end();) {
    const auto& [key, s] = *at;
    ++at;  // a change may drop the slot
    drop(service_key(key), *s);
  }
}

// ---- naming_persistent_service_v2 --------------------------------------------------------------

void catalogue::instances_begin() {
  const std::lock_guard lock(mutex_);
  ++instances_told_;
}

void catalogue::service_put(const processors_service& s, const service_record& record) {
  const std::lock_guard lock(mutex_);
  change in(*this, key_of(s));
  // What a group has agreed on wins over what this node alone knows. nacos-spec C.12.1.
  while (in->is_ephemeral()) erase_host(in, std::string(in->entries.begin()->first));
  in->record = record;
  in->record_told = instances_told_;
  in.touch();
}

void catalogue::service_erased(const processors_service& s) {
  const std::lock_guard lock(mutex_);
  change in(*this, key_of(s));
  if (std::exchange(in->record, std::nullopt)) in.touch();
}

void catalogue::instance_put(const processors_service& s, const instance& i) {
  const std::lock_guard lock(mutex_);
  change in(*this, key_of(s));
  put_host(in, processors::naming::client_id(i.ip, i.port), host_of(i));
}

void catalogue::instance_erased(const processors_service& s, std::string_view client) {
  const std::lock_guard lock(mutex_);
  change in(*this, key_of(s));
  erase_host(in, client);
}

void catalogue::instances_loaded() {
  const std::lock_guard lock(mutex_);
  drop_what_was_not_told([this](const service_key& key, const slot& s) {
    std::vector<std::string> gone;
    for (const auto& [client, e] : s.entries) {
      if (!e.registered->ephemeral && e.told != instances_told_) gone.push_back(client);
    }
    const bool record_gone = s.record && s.record_told != instances_told_;
    if (gone.empty() && !record_gone) return;
    change in(*this, key);
    for (const auto& client : gone) erase_host(in, client);
    if (record_gone) in->record.reset();
    in.touch();
  });
  instances_loaded_ = true;
}

// ---- naming_service_metadata -------------------------------------------------------------------

void catalogue::settings_begin() {
  const std::lock_guard lock(mutex_);
  ++settings_told_;
}

void catalogue::settings_put(const processors_service& s, const service_settings& settings) {
  const std::lock_guard lock(mutex_);
  change in(*this, key_of(s));
  in->settings = std::make_shared<const service_settings>(settings);
  in->settings_told = settings_told_;
  in.touch();
}

void catalogue::settings_erased(const processors_service& s) {
  const std::lock_guard lock(mutex_);
  change in(*this, key_of(s));
  if (std::exchange(in->settings, nullptr)) in.touch();
}

void catalogue::settings_loaded() {
  const std::lock_guard lock(mutex_);
  drop_what_was_not_told([this](const service_key& key, const slot& s) {
    if (!s.settings || s.settings_told == settings_told_) return;
    change in(*this, key);
    in->settings.reset();
    in.touch();
  });
  settings_loaded_ = true;
}

// ---- naming_instance_metadata ------------------------------------------------------------------

void catalogue::overlays_begin() {
  const std::lock_guard lock(mutex_);
  ++overlays_told_;
}

void catalogue::show_again(change& in, std::string_view tag) {
  // Names of clusters hold no colon.
  const std::string address(tag.substr(0, tag.rfind(':')));
  for (const auto* kind : {"#false", "#true"}) {
    const auto at = in->entries.find(address + kind);
    if (at == in->entries.end() || at->second.registered->tag() != tag) continue;
    at->second.shown = shown_of(*in, at->second.registered);
    in.touch();
  }
}

void catalogue::overlay_put(const processors_service& s, std::string_view tag,
                            const instance_overlay& overlay) {
  const std::lock_guard lock(mutex_);
  change in(*this, key_of(s));
  in->overlays.insert_or_assign(std::string(tag), slot::laid_over{overlay, overlays_told_});
  show_again(in, tag);
}

void catalogue::overlay_erased(const processors_service& s, std::string_view tag) {
  const std::lock_guard lock(mutex_);
  change in(*this, key_of(s));
  const auto at = in->overlays.find(tag);
  if (at == in->overlays.end()) return;
  in->overlays.erase(at);
  show_again(in, tag);
}

void catalogue::overlays_loaded() {
  const std::lock_guard lock(mutex_);
  drop_what_was_not_told([this](const service_key& key, const slot& s) {
    std::vector<std::string> gone;
    for (const auto& [tag, o] : s.overlays) {
      if (o.told != overlays_told_) gone.push_back(tag);
    }
    if (gone.empty()) return;
    change in(*this, key);
    for (const auto& tag : gone) {
      in->overlays.erase(tag);
      show_again(in, tag);
    }
  });
  overlays_loaded_ = true;
}

}  // namespace troupe::naming
