#include "groups/leader_balancer.hpp"

#include <atomic>

#include "groups/leader_preference.hpp"

namespace troupe::groups {
namespace {

constexpr std::chrono::seconds transfer_within{5};

struct balancer_state {
  static inline const char* name = "leader_balancer";
  balancer_state() = default;
  balancer_options options;
  std::vector<group_entry_ptr> left;  ///< of this round
  std::uint32_t rounds = 0;
  /// Groups of this round that are led elsewhere; counted by whoever answers.
  std::shared_ptr<std::atomic<std::size_t>> away = std::make_shared<std::atomic<std::size_t>>(0);
};

using self_pointer = actors::woken_actor::stateful_pointer<balancer_state>;

/// Led by another node, though we should lead it and, as far as we know, hold its log.
bool should_come_here(const group_status& s, raft::group_id group) {
  const auto& c = s.core;
  return !c.soft.leader.is_none() && c.soft.leader != c.self && c.peers.is_voter(c.self) &&
         !c.peers.is_joint() && c.applied == c.last && leading_rank(group, c.peers, c.self) == 0;
}

void ask_for(const group_entry_ptr& entry, raft::node_id self, clock::time_point deadline) {
  const auto member = entry->actor();
  if (!member) return;
  const error dropped{error_code::no_leader, "the member was restarted", {}};
  auto ignored = std::make_shared<actors::promise>([](const result&) {}, dropped);
  actors::send(*member,
               transfer_request{to_string(self), self, deadline, true, std::move(ignored)});
}

void look_at(const balancer_state& state, const group_entry_ptr& entry,
             clock::time_point deadline) {
  const auto member = entry->actor();
  if (!member) return;
  auto judge = [entry, deadline, away = state.away](const group_status& s, const std::string&) {
    if (!should_come_here(s, entry->id())) return;
    away->fetch_add(1);
    ask_for(entry, s.core.self, deadline);
  };
  actors::send(*member,
               status_request{std::make_shared<std::function<void(group_status, std::string)>>(
                   std::move(judge))});
}

void wake_after(self_pointer self, std::chrono::milliseconds pause) {
  actors::send(self->state.options.ticker,
               actors::wake_request{self->clock().now() + pause, actors::woken_actor(self)});
}

void look_on(self_pointer self) {
  auto& state = self->state;
  const auto& o = state.options;
  if (state.left.empty()) {
    // Whoever was not caught up, or could not be elected, is asked for once more.
    const bool is_done = state.rounds > 0 && state.away->exchange(0) == 0;
    if (is_done || state.rounds == o.rounds_max) return;
    ++state.rounds;
    state.left = o.groups->all();
  }
  const auto deadline = self->clock().now() + transfer_within;
  for (std::size_t i = 0; i < o.groups_at_once && !state.left.empty(); ++i) {
    look_at(state, state.left.back(), deadline);
    state.left.pop_back();
  }
  wake_after(self, o.interval);
}

actors::woken_actor::behavior_type make_balancer(self_pointer self, balancer_options options) {
  self->state.options = std::move(options);
  // A node that is to lead last takes nothing from others.
  if (self->state.options.facts->election_priority == priority_of_leaders) {
    wake_after(self, self->state.options.first_look_after);
  }
  return {[=](actors::woken) { look_on(self); }};
}

}  // namespace

actors::woken_actor spawn_leader_balancer(caf::actor_system& system, balancer_options options) {
  return system.spawn(make_balancer, std::move(options));
}

}  // namespace troupe::groups
