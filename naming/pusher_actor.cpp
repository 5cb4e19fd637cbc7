#include "naming/pusher_actor.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "naming/push_packet.hpp"
#include "naming/wake_timer.hpp"

namespace troupe::naming {
namespace {

using actors::clock;
using std::chrono::milliseconds;

/// How often it is looked for clients that no longer call, and pushes to be repeated.
constexpr milliseconds expiry_pause{500};
/// How much is done before others get a turn.
constexpr std::size_t services_per_turn = 64;
/// More than this does not fit into a datagram, however well it can be compressed.
constexpr std::size_t info_bytes_max = 4U << 20U;

struct due_push {
  clock::time_point when;
  service_key service;
};

struct pusher_state {
  static inline const char* name = "pusher";
  pusher_state() = default;

  push_options options;
  std::shared_ptr<subscriber_table> table;
  std::shared_ptr<changed_services> changed;
  std::deque<due_push> due;  ///< by time: all wait equally long
  std::set<service_key> waiting;
  std::int64_t last_reference = 0;
  std::optional<clock::time_point> expire_at;
  wake_timer timer;
};

using self_pointer = pusher_actor::stateful_pointer<pusher_state>;

void arm(self_pointer self) {
  auto& s = self->state;
  auto next = s.expire_at;
  if (!s.due.empty() && (!next || s.due.front().when < *next)) next = s.due.front().when;
  const auto wait = next ? s.timer.arm(*next, self->clock().now()) : std::nullopt;
  if (wait) self->delayed_send(pusher_actor(self), *wait, actors::woken{});
}

/// What clients acknowledge: rises with every packet of this node. Whole microseconds, because
/// JavaScript knows numbers to 53 bits: it gives back what has 16 digits and then zeros.
std::int64_t next_reference(pusher_state& s) {
  constexpr std::int64_t step = 1'000;
  s.last_reference = std::max(s.options.now_ns() / step * step, s.last_reference + step);
  return s.last_reference;
}

struct made_packet {
  std::int64_t reference = 0;
  packet_ptr bytes;  ///< null when no datagram can hold it
};

made_packet make_packet(pusher_state& s, const service_key& key, const service_ptr& shown,
                        const std::string& clusters) {
  const auto info = s.options.render(key, shown, clusters);
  if (info.size() > info_bytes_max) return {};
  const auto reference = next_reference(s);
  return {reference, std::make_shared<const std::string>(make_push_packet(info, reference))};
}

void push_service(self_pointer self, const service_key& key) {
  auto& s = self->state;
  const auto receivers = s.table->receivers(key);
  // Complaint F11: a node that does not know everything yet would show half of a service.
  if (receivers.empty() || !s.options.services->is_loaded()) return;
  const auto shown = s.options.services->find(key);
  const auto now = s.options.now();
  std::map<std::string, made_packet> packets;  // by clusters: most subscribers ask for the same
  for (const auto& r : receivers) {
    auto [at, is_new] = packets.try_emplace(r.clusters);
    if (is_new) at->second = make_packet(s, key, shown, r.clusters);
    const auto& packet = at->second;
    if (!packet.bytes || packet.bytes->size() > r.bytes_max) {
      s.table->skipped();
      continue;
    }
    s.table->sent(key, r.to, packet.reference, packet.bytes, now);
    s.options.socket->send(r.to, packet.bytes);
  }
}

void push_due(self_pointer self) {
  auto& s = self->state;
  const auto now = self->clock().now();
  for (std::size_t n = 0; n < services_per_turn; ++n) {
    if (s.due.empty() || s.due.front().when > now) return;
    const auto next = std::move(s.due.front());
    s.due.pop_front();
    s.waiting.erase(next.service);
    push_service(self, next.service);
  }
}

void expire(self_pointer self) {
  auto& s = self->state;
  for (const auto& again : s.table->expire(s.options.now())) {
    s.options.socket->send(again.to, again.packet);
  }
  s.expire_at.reset();
  if (!s.table->is_idle()) s.expire_at = self->clock().now() + expiry_pause;
}

void look(self_pointer self) {
  auto& s = self->state;
  const auto when = self->clock().now() + s.options.merged;
  const auto changed = s.changed->take(services_per_turn);
  for (const auto& key : changed.keys) {
    if (s.waiting.insert(key).second) s.due.push_back({when, key});
  }
  if (changed.more) self->send(pusher_actor(self), look_again{});
  if (!s.expire_at) expire(self);
  arm(self);
}

void on_woken(self_pointer self) {
  auto& s = self->state;
  const auto now = self->clock().now();
  s.timer.woken(now);
  push_due(self);
  if (s.expire_at && *s.expire_at <= now) expire(self);
  arm(self);
}

pusher_actor::behavior_type make_pusher(self_pointer self, const push_options& options,
                                        const std::shared_ptr<subscriber_table>& table,
                                        const std::shared_ptr<changed_services>& changed) {
  auto& s = self->state;
  s.options = options;
  s.table = table;
  s.changed = changed;
  self->send(pusher_actor(self), look_again{});
  return {
      [=](look_again) { look(self); },
      [=](actors::woken) { on_woken(self); },
  };
}

}  // namespace

pusher_actor spawn_pusher(caf::actor_system& system, const push_options& options,
                          std::shared_ptr<subscriber_table> table,
                          std::shared_ptr<changed_services> changed) {
  return system.spawn(make_pusher, options, std::move(table), std::move(changed));
}

}  // namespace troupe::naming
