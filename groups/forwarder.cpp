#include "groups/forwarder.hpp"

#include <map>
#include <type_traits>
#include <variant>

#include "groups/asked_leaders.hpp"

namespace troupe::groups {

using actors::send;

namespace {

/// Long enough not to spin while a group elects, short against an election.
constexpr std::chrono::milliseconds pause{20};

using held = std::variant<forward_proposal, retry_query, forward_transfer, forward_change>;

/// Writes up to `newest` that another node than `leader` was asked for.
struct doubt {
  std::string group;
  raft::node_id leader;
  std::uint64_t newest;
};

struct forwarder_state {
  static inline const char* name = "forwarder";
  forwarder_state() = default;
  forwarder_options options;
  std::multimap<clock::time_point, held> waiting;
  std::shared_ptr<asked_leaders> asked = std::make_shared<asked_leaders>();
  std::multimap<clock::time_point, doubt> doubts;
  clock::time_point wakes_at = clock::time_point::max();
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

void wake_by(self_pointer self, clock::time_point when) {
  auto& state = self->state;
  if (when >= state.wakes_at) return;
  state.wakes_at = when;
  send(state.options.ticker,
       actors::wake_request{when, actors::woken_actor(forwarder_actor(self))});
}

/// Puts the request aside and asks the local member again after a pause: it then knows more.
void wait(self_pointer self, held h) {
  auto& state = self->state;
  const auto again = self->clock().now() + pause;
  if (deadline_of(h) <= again) return give_up(h);
  state.waiting.emplace(again, std::move(h));
  wake_by(self, again);
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

void give_up(const forwarder_state& state, const doubt& d) {
  for (const auto& done : state.asked->take_others(d.group, d.leader, d.newest)) {
    done->fail(error_code::outcome_unknown,
               "the node that led group '" + d.group + "' was asked, and leads it no longer");
  }
}

void follow(self_pointer self, const leader_changed& news) {
  auto& state = self->state;
  const doubt d{news.group, news.leader, state.asked->newest(news.group)};
  if (d.newest == 0) return;
  if (news.former_is_gone) return give_up(state, d);
  const auto& facts = *state.options.facts;
  const auto patience = facts.tick * facts.election_timeout_ticks;
  const auto until = self->clock().now() + patience;
  state.doubts.emplace(until, d);
  wake_by(self, until);
}

void wake(self_pointer self) {
  auto& state = self->state;
  state.wakes_at = clock::time_point::max();
  const auto now = self->clock().now();
  while (!state.waiting.empty() && state.waiting.begin()->first <= now) {
    auto due = state.waiting.extract(state.waiting.begin());
    ask_member(self, std::move(due.mapped()));
  }
  for (auto& doubts = state.doubts; !doubts.empty() && doubts.begin()->first <= now;) {
    give_up(state, doubts.begin()->second);
    doubts.erase(doubts.begin());
  }
  if (!state.waiting.empty()) wake_by(self, state.waiting.begin()->first);
  if (!state.doubts.empty()) wake_by(self, state.doubts.begin()->first);
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
  // A transfer is over when another leads; its answer says no more than that.
  constexpr bool changes_state = !std::is_same_v<Forward, forward_transfer>;
  const auto& asked = state.asked;
  const auto name =
      changes_state ? asked->add(shared->group, shared->leader, shared->request.done) : 0;
  auto done = [me, shared, asked, name](result answered) {
    if (changes_state && !asked->take(shared->group, name)) return;
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
      [=](const leader_changed& news) { follow(self, news); },
      [=](actors::woken) { wake(self); },
  };
}

}  // namespace

forwarder_actor spawn_forwarder(caf::actor_system& system, forwarder_options options) {
  return system.spawn(make_forwarder, std::move(options));
}

}  // namespace troupe::groups
