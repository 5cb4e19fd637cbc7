// What the catalogue holds that nobody may need any more.
#include "naming/catalogue.hpp"
#include "naming/catalogue_slot.hpp"

namespace troupe::naming {

namespace {

/// So many services are looked at before those who change the catalogue get their turn.
constexpr std::size_t services_at_once = 256;

}  // namespace

void catalogue::add_leftovers(const slot& s, catalogue_leftovers& to) {
  if (s.record && s.entries.empty() && !s.record->created_by_user && !s.settings) {
    to.services.push_back({s.key, s.record->changed_ms});
  }
  if (s.settings && !s.settings->ephemeral && !s.exists()) to.settings.push_back(s.key);
  if (s.overlays.empty()) return;
  std::set<std::string> tags;
  for (const auto& [client, e] : s.entries) tags.insert(e.registered->tag());
  for (const auto& [tag, laid] : s.overlays) {
    if (!tags.contains(tag)) to.overlays.push_back({s.key, tag});
  }
}

catalogue_leftovers catalogue::leftovers() const {
  catalogue_leftovers out;
  std::optional<service_key> last;
  while (true) {
    const std::lock_guard lock(mutex_);
    auto at = last ? slots_.upper_bound(*last) : slots_.begin();
    for (std::size_t n = 0; n < services_at_once && at != slots_.end(); ++n, ++at) {
      add_leftovers(*at->second, out);
      last = at->first;
    }
    if (at == slots_.end()) return out;
  }
}

}  // namespace troupe::naming
