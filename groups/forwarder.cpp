#include "groups/forwarder.hpp"

#include <map>
#include <variant>

namespace troupe::groups {

using actors::send;

namespace {

/// Long enough not to spin while a group elects, short against an election.
constexpr std::chrono::milliseconds pause{20};

using held = std::variant<forward_proposal, retry_query, forward_transfer, forward_change>;

struct forwarder_state {
  static inline const char* name = "forwarder";
  forwarder_state() = default;
  forwarder_options options;
  std::multimap<clock::time_point, held> waiting;
  clock::time_point asked = clock::time_point::max();
};

using self_pointer = forwarder_actor::stateful_pointer<forwarder_state>;

clock::time_point deadline_of(const held& h) {
  return std::visit([](const auto& f) { return f.request.deadline; }, h);
}

void give_up(const held& h) {
  std::visit(
      [](const auto& f) {
        f.request.done->fail(error_code::no_leader, "group '" + f.group + "' has no leader");
      },
      h);
}

/// Puts the request aside and asks the local member again after a pause: it then knows more.
void wait(self_pointer self, held h) {
  auto& state = self->state;
  const auto again = self->clock().now() + pause;
  if (deadline_of(h) <= again) return give_up(h);
  state.waiting.emplace(again, std::move(h));
  if (again >= state.asked) return;
  state.asked = again;
  send(state.options.ticker,
       actors::wake_request{again, actors::woken_actor(forwarder_actor(self))});
}

void ask_member(self_pointer self, held h) {
  std::visit(
      [&](auto& f) {
        const auto entry = self->state.options.groups->find(f.group);
        const auto member = entry ? entry->actor() : std::nullopt;
        if (member) {
          send(*member, std::move(f.request));
        } else {
          wait(self, std::move(f));
        }
      },
      h);
}

void wake(self_pointer self) {
  auto& state = self->state;
  state.asked = clock::time_point::max();
  const auto now = self->clock().now();
  while (!state.waiting.empty() && state.waiting.begin()->first <= now) {
    auto due = state.waiting.extract(state.waiting.begin());
    ask_member(self, std::move(due.mapped()));
  }
  if (state.waiting.empty()) return;
  state.asked = state.waiting.begin()->first;
  send(state.options.ticker,
       actors::wake_request{state.asked, actors::woken_actor(forwarder_actor(self))});
}

std::uint32_t milliseconds_left(self_pointer self, clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - self->clock().now());
  return left.count() <= 0 ? 0 : static_cast<std::uint32_t>(left.count());
}

/// Asks `leader`; what it answers reaches the caller, unless it surely did nothing and time is
/// left.
template <class Forward>
void ask_leader(self_pointer self, codec::request r, Forward f) {
  auto& state = self->state;
  const auto link =
      f.leader == state.options.facts->self ? std::nullopt : state.options.links->find(f.leader);
  r.timeout_ms = milliseconds_left(self, f.request.deadline);
  if (!link || r.timeout_ms == 0) return wait(self, std::move(f));
  r.group = f.group;
  r.forwarded = true;
  const auto deadline = f.request.deadline;
  const auto me = forwarder_actor(self);
  auto shared = std::make_shared<Forward>(std::move(f));
  auto done = [me, shared](result answered) {
    const bool again = !answered && is_retriable(answered.error().code) &&
                       answered.error().code != error_code::overloaded;
    if (!again) return shared->request.done->answer(std::move(answered));
    shared->leader = {};  // whoever it is now, the local member learns first
    send(me, std::move(*shared));
  };
  const error lost{error_code::outcome_unknown, "the link to the leader's node was restarted", {}};
  send(*link, actors::forward_request{std::move(r), deadline,
                                      std::make_shared<actors::promise>(std::move(done), lost)});
}

void forward(self_pointer self, forward_proposal& f) {
  if (f.leader.is_none()) return wait(self, std::move(f));
  codec::request r;
  r.kind =
      f.request.in_session ? codec::request_kind::propose_session : codec::request_kind::propose;
  r.expected_term = f.request.expected_term;
  r.data = f.request.command;
  ask_leader(self, std::move(r), std::move(f));
}

void forward(self_pointer self, forward_transfer& f) {
  if (f.leader.is_none()) return wait(self, std::move(f));
  codec::request r;
  r.kind = codec::request_kind::transfer;
  r.data = raft::bytes(f.request.peer);
  ask_leader(self, std::move(r), std::move(f));
}

void forward(self_pointer self, forward_change& f) {
  if (f.leader.is_none()) return wait(self, std::move(f));
  codec::request r;
  r.kind = codec::request_kind::change;
  r.data = raft::bytes(codec::encode_change(f.request.wanted));
  ask_leader(self, std::move(r), std::move(f));
}

forwarder_actor::behavior_type make_forwarder(self_pointer self, forwarder_options options) {
  self->state.options = std::move(options);
  return {
      [=](forward_proposal& f) { forward(self, f); },
      [=](retry_query& q) { wait(self, std::move(q)); },
      [=](forward_transfer& f) { forward(self, f); },
      [=](forward_change& f) { forward(self, f); },
      [=](actors::woken) { wake(self); },
  };
}

}  // namespace

forwarder_actor spawn_forwarder(caf::actor_system& system, forwarder_options options) {
  return system.spawn(make_forwarder, std::move(options));
}

}  // namespace troupe::groups
