#include "groups/client_router.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace troupe::groups {

using actors::send;

namespace {

constexpr std::chrono::milliseconds pause{20};

struct known_node {
  std::string address;
  actors::peer_link_actor link;
};

struct router_state {
  static inline const char* name = "client_router";
  router_state() = default;
  client_router_options options;
  std::vector<known_node> nodes;
  std::unordered_map<std::string, std::size_t> leaders;  ///< group → node that leads, as last heard
  std::size_t turn = 0;
  std::multimap<clock::time_point, client_request> waiting;
  clock::time_point asked = clock::time_point::max();
};

using self_pointer = client_router_actor::stateful_pointer<router_state>;

std::size_t node_at(router_state& state, const std::string& address) {
  const auto known = std::find_if(state.nodes.begin(), state.nodes.end(),
                                  [&](const auto& n) { return n.address == address; });
  if (known != state.nodes.end()) return static_cast<std::size_t>(known - state.nodes.begin());
  const auto node = state.nodes.size();
  state.nodes.push_back({address, state.options.make_link(node, address)});
  return node;
}

std::size_t target_for(router_state& state, const std::string& group) {
  const auto leader = state.leaders.find(group);
  return leader == state.leaders.end() ? state.turn % state.nodes.size() : leader->second;
}

void give_up(const client_request& r) {
  r.done->fail(error_code::no_leader,
               "no node of the cluster could take the request for group '" + r.request.group + "'");
}

/// What the caller hears of a request that a link takes to its end.
const actors::shared_error& lost(bool changes) {
  const auto stopped = [](error_code code) {
    return std::make_shared<const error>(error{code, "the client was stopped", {}});
  };
  static const auto change = stopped(error_code::outcome_unknown);
  static const auto query = stopped(error_code::read_timed_out);
  return changes ? change : query;
}

void ask(self_pointer self, client_request& r) {
  auto& state = self->state;
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(r.deadline - self->clock().now());
  if (left.count() <= 0) return give_up(r);
  const auto node = target_for(state, r.request.group);
  auto request = r.request;
  request.timeout_ms = static_cast<std::uint32_t>(left.count());
  request.forwarded = true;  // we follow "not leader" ourselves: one hop less from then on
  const auto deadline = r.deadline;
  const bool changes = request.kind == codec::request_kind::propose ||
                       request.kind == codec::request_kind::propose_session;
  auto done = [me = client_router_actor(self), asked = std::move(r),
               node](result answered) mutable {
    if (answered || !is_retriable(answered.error().code) ||
        answered.error().code == error_code::overloaded) {
      return asked.done->answer(std::move(answered));
    }
    send(me, client_answer{std::move(asked), node, answered.error()});
  };
  send(state.nodes[node].link,
       actors::forward_request{std::move(request), deadline,
                               std::make_shared<actors::promise>(std::move(done), lost(changes))});
}

void wait(self_pointer self, client_request r) {
  auto& state = self->state;
  const auto again = self->clock().now() + pause;
  if (r.deadline <= again) return give_up(r);
  state.waiting.emplace(again, std::move(r));
  if (again >= state.asked) return;
  state.asked = again;
  send(state.options.ticker,
       actors::wake_request{again, actors::woken_actor(client_router_actor(self))});
}

void try_elsewhere(self_pointer self, client_answer& a) {
  auto& state = self->state;
  auto& leaders = state.leaders;
  const auto& group = a.asked.request.group;
  if (a.why.code == error_code::not_leader && !a.why.leader.empty()) {
    leaders[group] = node_at(state, a.why.leader);
    return ask(self, a.asked);
  }
  // Nobody knows better: go round, with a pause so that an election can end.
  const auto believed = leaders.find(group);
  if (believed != leaders.end() && believed->second == a.node) leaders.erase(believed);
  if (target_for(state, group) == a.node) ++state.turn;
  wait(self, std::move(a.asked));
}

void wake(self_pointer self) {
  auto& state = self->state;
  state.asked = clock::time_point::max();
  const auto now = self->clock().now();
  while (!state.waiting.empty() && state.waiting.begin()->first <= now) {
    auto due = state.waiting.extract(state.waiting.begin());
    ask(self, due.mapped());
  }
  if (state.waiting.empty()) return;
  state.asked = state.waiting.begin()->first;
  send(state.options.ticker,
       actors::wake_request{state.asked, actors::woken_actor(client_router_actor(self))});
}

client_router_actor::behavior_type make_router(self_pointer self, client_router_options options) {
  self->state.options = std::move(options);
  for (const auto& address : self->state.options.endpoints) node_at(self->state, address);
  return {
      [=](client_request& r) { ask(self, r); },
      [=](client_answer& a) { try_elsewhere(self, a); },
      [=](actors::woken) { wake(self); },
  };
}

}  // namespace

client_router_actor spawn_client_router(caf::actor_system& system, client_router_options options) {
  return system.spawn(make_router, std::move(options));
}

}  // namespace troupe::groups
