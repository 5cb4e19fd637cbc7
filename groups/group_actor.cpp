#include "groups/group_actor.hpp"

#include "groups/member.hpp"

namespace troupe::groups {
namespace {

// The state wraps member so that CAF can default-construct it and name the actor.
struct group_state {
  static inline const char* name = "group";
  group_state() = default;
  groups::member member;
  bool flush_sent = false;
};

using self_pointer = group_actor::stateful_pointer<group_state>;

/// Acts behind everything that the mailbox holds now, so that one output covers it all.
void flush_later(self_pointer self) {
  if (self->state.flush_sent || !self->state.member.serving()) return;
  self->state.flush_sent = true;
  self->send(group_actor(self), actors::flush{});
}

void flush_now(self_pointer self) {
  auto& state = self->state;
  state.flush_sent = false;
  if (!state.member.serving()) return;
  const auto now = self->clock().now();
  state.member.advance(now);
  state.member.flush(now);
}

role_host host_of(self_pointer self) {
  return {&self->system(), group_actor(self),
          [self](const caf::actor& role) { self->link_to(role); },
          [self](const caf::actor& role) { self->unlink_from(role); }};
}

void begin(self_pointer self, actors::loaded_member& loaded, const services& node) {
  if (!loaded.status.ok()) {
    return node.fatal("a group cannot be loaded: " + loaded.status.message());
  }
  self->state.member.begin(std::move(loaded), self->clock().now());
  flush_later(self);
}

void load(self_pointer self, const services& node, const group_spec& spec) {
  self->request(node.log_writer, caf::infinite,
                actors::load_job{spec.id, raft::make_configuration(node.facts->founders)})
      .then([=](actors::loaded_member& loaded) { begin(self, loaded, node); },
            [=](const caf::error& why) { self->quit(why); });
}

/// Gives an input to the member. While the stores are read inputs are dropped: peers repeat theirs.
template <class Input>
void step(self_pointer self, Input&& input) {
  auto& member = self->state.member;
  if (!member.serving()) return;
  input(member);
  flush_later(self);
}

/// For inputs that may wake a silent group: the time that it slept must not count as the silence of
/// a leader, nor of followers.
template <class Input>
void step_at_present(self_pointer self, Input&& input) {
  step(self, [&](auto& m) {
    const auto now = self->clock().now();
    m.advance(now);
    input(m, now);
  });
}

void take(self_pointer self, request_batch& together) {
  auto& member = self->state.member;
  if (!member.serving()) {
    for (auto& r : together.proposals) member.refuse_while_loading(std::move(r));
    for (auto& r : together.queries) member.refuse_while_loading(std::move(r));
    return;
  }
  for (auto& r : together.proposals) member.propose(std::move(r));
  for (auto& r : together.queries) member.query(std::move(r));
  flush_later(self);
}

group_actor::behavior_type make_group(self_pointer self, services node, group_spec spec) {
  self->state.member.configure(node, spec, host_of(self));
  load(self, node, spec);
  const auto member = [self]() -> groups::member& { return self->state.member; };
  // CAF tries them one after the other: what comes most often stands first.
  return {
      [=](request_batch& together) { take(self, together); },
      [=](actors::flush) { flush_now(self); },
      [=](actors::peer_messages& arrived) {
        step_at_present(self, [&](auto& m, auto) { m.arrived(arrived); });
      },
      [=](const actors::log_stable& s) { step(self, [&](auto& m) { m.stable(s.sequence); }); },
      [=](actors::fetched& f) { step(self, [&](auto& m) { m.fetched(f); }); },
      [=](const actors::applied& a) {
        if (!member().serving()) return;
        member().applied(a, self->clock().now());
        if (member().has_output()) flush_later(self);
      },
      [=](const actors::reconfigured& now) { step(self, [&](auto& m) { m.reconfigured(now); }); },
      [=](const actors::exported& e) { step(self, [&](auto& m) { m.exported(e); }); },
      [=](const actors::snapshot_sent& s) { step(self, [&](auto& m) { m.snapshot_sent(s); }); },
      [=](const actors::installed&) {
        // Whether the state is the snapshot's or still the old one: both are begun from afresh.
        self->quit(caf::exit_reason::user_shutdown);
      },
      [=](const actors::log_compacted& c) { step(self, [&](auto& m) { m.compacted(c); }); },
      [=](actors::due) { step(self, [](auto& m) { m.woken(); }); },
      [=](const actors::peer_lost& p) {
        step_at_present(self, [&](auto& m, auto now) { m.peer_lost(p.peer, now); });
      },
      [=](const actors::peer_gone& p) {
        step_at_present(self, [&](auto& m, auto now) { m.peer_gone(p.peer, now); });
      },
      [=](propose_request& r) {
        if (!member().serving()) return member().refuse_while_loading(std::move(r));
        step(self, [&](auto& m) { m.propose(std::move(r)); });
      },
      [=](query_request& r) {
        if (!member().serving()) return member().refuse_while_loading(std::move(r));
        step(self, [&](auto& m) { m.query(std::move(r)); });
      },
      [=](transfer_request& r) {
        if (!member().serving()) return member().refuse_while_loading(std::move(r));
        step_at_present(self, [&](auto& m, auto) { m.transfer(std::move(r)); });
      },
      [=](change_request& r) {
        if (!member().serving()) return member().refuse_while_loading(std::move(r));
        step_at_present(self, [&](auto& m, auto) { m.change(std::move(r)); });
      },
      [=](const snapshot_request& r) {
        if (!member().serving()) {
          return (*r.done)({error_code::no_leader, "the group is being loaded", {}});
        }
        step(self, [&](auto& m) { m.snapshot(r); });
      },
      [=](const status_request& r) {
        (*r.done)(member().status(self->clock().now()), member().not_ready());
      },
  };
}

}  // namespace

group_actor spawn_group(caf::actor_system& system, services node, group_spec spec) {
  return system.spawn(make_group, std::move(node), std::move(spec));
}

}  // namespace troupe::groups
