#include "naming/sweeper.hpp"

#include <mutex>
#include <set>
#include <utility>

#include "processors/instance_metadata.hpp"
#include "processors/naming_service_messages.hpp"
#include "processors/persistent_instances.hpp"
#include "processors/service_metadata.hpp"

namespace troupe::naming {

namespace {

namespace messages = processors::naming;

/// Keeps the times of those that are still left over, and begins that of the others.
template <class Key>
void remember(std::map<Key, std::uint64_t>& since, const std::vector<Key>& left,
              std::uint64_t now_ms) {
  std::map<Key, std::uint64_t> next;
  for (const auto& key : left) {
    const auto known = since.find(key);
    next.emplace(key, known == since.end() ? now_ms : known->second);
  }
  since = std::move(next);
}

}  // namespace

/// Shared with the completions, which may outlive the sweeper.
struct sweeper::under_way {
  std::mutex mutex;
  std::set<std::string, std::less<>> groups;
};

sweeper::sweeper(std::shared_ptr<const catalogue> swept, options o, proposer propose)
    : catalogue_(std::move(swept)),
      options_(o),
      propose_(std::move(propose)),
      next_request_(o.first_request),
      under_way_(std::make_shared<under_way>()) {}

void sweeper::sweep(std::uint64_t now_ms) {
  if (!catalogue_->leads() || !catalogue_->is_loaded()) {
    settings_since_.clear();
    overlays_since_.clear();
    return;
  }
  const auto left = catalogue_->leftovers();
  remember(settings_since_, left.settings, now_ms);
  remember(overlays_since_, left.overlays, now_ms);
  if (now_ms < options_.kept_ms) return;
  sweep_services(left, now_ms);
  sweep_settings(now_ms);
  sweep_overlays(now_ms);
}

void sweeper::sweep_services(const catalogue_leftovers& left, std::uint64_t now_ms) {
  messages::expire_services c;
  c.cutoff_ms = cutoff(now_ms);
  for (const auto& s : left.services) {
    if (c.services.size() == messages::expired_services_max) break;
    if (s.changed_ms < c.cutoff_ms) c.services.push_back(s.key.view());
  }
  if (c.services.empty()) return;
  c.stamp = next_stamp(now_ms);
  propose(processors::persistent_instances::group_name, messages::encode(c));
}

void sweeper::sweep_settings(std::uint64_t now_ms) {
  messages::expire_settings c;
  c.cutoff_ms = cutoff(now_ms);
  for (const auto& [key, since] : settings_since_) {
    if (c.services.size() == messages::expired_settings_max) break;
    if (since < c.cutoff_ms) c.services.push_back(key.view());
  }
  if (c.services.empty()) return;
  c.stamp = next_stamp(now_ms);
  propose(processors::service_metadata::group_name, messages::encode(c));
}

void sweeper::sweep_overlays(std::uint64_t now_ms) {
  messages::expire_overlays c;
  c.cutoff_ms = cutoff(now_ms);
  for (const auto& [overlay, since] : overlays_since_) {
    if (c.overlays.size() == messages::expired_overlays_max) break;
    if (since < c.cutoff_ms) c.overlays.push_back({overlay.service.view(), overlay.tag});
  }
  if (c.overlays.empty()) return;
  c.stamp = next_stamp(now_ms);
  propose(processors::instance_metadata::group_name, messages::encode(c));
}

/// What was needed kept_ms ago and not since is due: groups take what stands before the cutoff.
std::uint64_t sweeper::cutoff(std::uint64_t now_ms) const {
  return now_ms - options_.kept_ms + 1;
}

processors::naming::stamp sweeper::next_stamp(std::uint64_t now_ms) {
  return {now_ms, next_request_++, options_.node};
}

void sweeper::propose(std::string_view group, std::string entry) {
  {
    const std::lock_guard lock(under_way_->mutex);
    if (!under_way_->groups.emplace(group).second) return;
  }
  // A completion that is destroyed uncalled ends the wait as well.
  const std::shared_ptr<void> ends(nullptr,
                                   [shared = under_way_, name = std::string(group)](void*) {
                                     const std::lock_guard lock(shared->mutex);
                                     shared->groups.erase(name);
                                   });
  // Nobody waits for the outcome: what failed is left over in the next sweep.
  propose_(group, raft::bytes(std::move(entry)), [ends](const result&) {});
}

}  // namespace troupe::naming
