#include "naming/ephemeral_instances.hpp"

#include <algorithm>
#include <utility>

#include "naming/beat_times.hpp"

namespace troupe::naming {

namespace {

using processors::naming::instance_overlay;
using processors::naming::metadata_bytes_max;
using processors::naming::metadata_pairs_max;

/// Beats wait no longer than for so many of those that are due, be it all at once.
constexpr std::size_t judged_at_once = 512;

std::string address_of(const std::string& ip, std::uint16_t port) {
  return ip + ':' + std::to_string(port);
}

bool fits(const text_map& metadata) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : metadata) bytes += key.size() + value.size();
  return metadata.size() <= metadata_pairs_max && bytes <= metadata_bytes_max;
}

/// Hosts of a service are sorted by client.
bool shows(const service& s, const std::string& client) {
  const auto found =
      std::lower_bound(s.hosts.begin(), s.hosts.end(), client,
                       [](const host_ptr& h, const std::string& c) { return h->client() < c; });
  return found != s.hosts.end() && (*found)->client() == client;
}

}  // namespace

host ephemeral_instances::entry::shown() const {
  return overlay ? laid_over(*registered, *overlay) : *registered;
}

std::uint64_t ephemeral_instances::entry::due_ms() const {
  // Someone who may be removed sooner than turn unhealthy is removed.
  const auto after =
      registered->healthy ? std::min(unhealthy_after_ms, removed_after_ms) : removed_after_ms;
  return after > UINT64_MAX - beaten_ms ? UINT64_MAX : beaten_ms + after;
}

ephemeral_instances::ephemeral_instances(std::shared_ptr<catalogue> shown, clock now,
                                         options limits)
    : catalogue_(std::move(shown)), clock_(std::move(now)), options_(limits), clock_ms_(clock_()) {}

std::uint64_t ephemeral_instances::advance() {
  const auto now = clock_();
  // Calls meet the lock in another order than they read the clock.
  if (now > clock_ms_) {
    time_ms_ += std::min(now - clock_ms_, options_.gap_ms_max);
    clock_ms_ = now;
  }
  return time_ms_;
}

// ---- entries ------------------------------------------------------------------------------------

ephemeral_instances::entry* ephemeral_instances::find(const service_key& service,
                                                      std::string_view address) {
  const auto in = services_.find(service);
  if (in == services_.end()) return nullptr;
  const auto found = in->second.find(address);
  return found == in->second.end() ? nullptr : &found->second;
}

ephemeral_instances::entry& ephemeral_instances::insert(const service_key& service,
                                                        const std::string& address) {
  const auto in = services_.try_emplace(service).first;
  const auto at = in->second.try_emplace(address).first;
  auto& e = at->second;
  e.service = &in->first;
  e.address = &at->first;
  e.due = deadlines_.emplace(UINT64_MAX, &e);
  return e;
}

void ephemeral_instances::drop(entry& e) {
  deadlines_.erase(e.due);
  const auto in = services_.find(*e.service);
  in->second.erase(in->second.find(*e.address));
  if (in->second.empty()) services_.erase(in);
}

void ephemeral_instances::rearm(entry& e, std::uint64_t due_ms) {
  deadlines_.erase(e.due);
  e.due = deadlines_.emplace(due_ms, &e);
}

std::optional<ephemeral_failure> ephemeral_instances::show(entry& e) {
  auto shown = e.shown();
  const auto times = beat_times::of(shown.metadata);
  e.unhealthy_after_ms = times.unhealthy_after_ms;
  e.removed_after_ms = times.removed_after_ms;
  rearm(e, e.due_ms());
  const auto refused = catalogue_->put_ephemeral(*e.service, std::move(shown));
  if (!refused) return std::nullopt;
  drop(e);
  return *refused == ephemeral_refusal::persistent_service ? ephemeral_failure::persistent_service
                                                           : ephemeral_failure::too_many_in_service;
}

void ephemeral_instances::remove(entry& e) {
  catalogue_->erase_ephemeral(*e.service, e.registered->client());
  e.registered.reset();
  // What an operator laid over it survives a restart of the application. nacos-spec E.3.1.
  if (e.overlay) {
    rearm(e, time_ms_ + options_.overlay_kept_ms);
  } else {
    drop(e);
  }
}

// ---- what clients and operators ask for ---------------------------------------------------------

std::optional<ephemeral_failure> ephemeral_instances::enroll(const service_key& service, host h) {
  const std::lock_guard lock(mutex_);
  const auto now = advance();
  const auto address = address_of(h.ip, h.port);
  auto* e = find(service, address);
  if (!e) {
    if (deadlines_.size() >= options_.instances_max) return ephemeral_failure::too_many_on_node;
    e = &insert(service, address);
  } else if (e->overlay && e->overlay_cluster != h.cluster) {
    e->overlay.reset();  // another instance, though of the same client
  }
  h.ephemeral = true;
  e->registered = std::move(h);
  e->beaten_ms = now;
  return show(*e);
}

bool ephemeral_instances::withdraw(const service_key& service, const std::string& ip,
                                   std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  advance();
  auto* e = find(service, address_of(ip, port));
  if (!e || !e->registered) return false;
  remove(*e);
  return true;
}

beat_answer ephemeral_instances::beat(const service_key& service, const std::string& ip,
                                      std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  const auto now = advance();
  auto* e = find(service, address_of(ip, port));
  const auto known = catalogue_->find(service);
  if (known && !known->ephemeral) {
    // A group agreed on it meanwhile, and that counts.
    if (e) drop(*e);
    return {beat_outcome::persistent_service, {}};
  }
  if (!e || !e->registered) return {};
  e->beaten_ms = now;
  const bool revives = !std::exchange(e->registered->healthy, true);
  // The persistent service that had taken its place may be gone again.
  if ((revives || !known || !shows(*known, e->registered->client())) && show(*e)) return {};
  const auto times = beat_times::of(e->overlay ? e->shown().metadata : e->registered->metadata);
  return {beat_outcome::alive,
          times.own_interval ? std::optional(times.interval_ms) : std::nullopt};
}

std::optional<ephemeral_failure> ephemeral_instances::lay_over(const service_key& service,
                                                               const std::string& ip,
                                                               std::uint16_t port,
                                                               const std::string& cluster,
                                                               const overlay_change& change) {
  const std::lock_guard lock(mutex_);
  advance();
  auto* e = find(service, address_of(ip, port));
  if (!e || !e->registered || e->registered->cluster != cluster) {
    return ephemeral_failure::unknown_instance;
  }
  auto next = changed(e->overlay.value_or(instance_overlay{}), change);
  if (!fits(next.metadata)) return ephemeral_failure::too_much_metadata;
  if (next == instance_overlay{}) {
    e->overlay.reset();
  } else {
    e->overlay = std::move(next);
    e->overlay_cluster = cluster;
  }
  return show(*e);
}

// ---- time ---------------------------------------------------------------------------------------

void ephemeral_instances::check() {
  while (check_some()) {
  }
}

bool ephemeral_instances::check_some() {
  const std::lock_guard lock(mutex_);
  const auto now = advance();
  for (std::size_t judged = 0; judged < judged_at_once; ++judged) {
    if (deadlines_.empty() || deadlines_.begin()->first > now) return false;
    judge(*deadlines_.begin()->second);
  }
  return true;
}

void ephemeral_instances::judge(entry& e) {
  if (!e.registered) return drop(e);
  const auto due = e.due_ms();
  if (due > time_ms_) return rearm(e, due);  // it has beaten since
  const auto silent_ms = time_ms_ - e.beaten_ms;
  if (silent_ms >= e.removed_after_ms) return remove(e);
  e.registered->healthy = false;
  show(e);
}

std::size_t ephemeral_instances::size() const {
  const std::lock_guard lock(mutex_);
  return deadlines_.size();
}

}  // namespace troupe::naming
