#include "groups/group_actor_handle.hpp"

#include <utility>

namespace troupe {
namespace {

caf::atom_value category() {
  return caf::atom("troupe");
}

caf::error to_caf(error e) {
  return {static_cast<std::uint8_t>(e.code), category(),
          caf::make_message(std::move(e.message), std::move(e.leader))};
}

/// Brings the answer, which comes on any thread, back to the handle's own.
completion answer_to(group_actor_handle::pointer self) {
  auto asked = std::make_shared<caf::typed_response_promise<response>>(
      self->make_response_promise<response>());
  return [me = group_actor_handle(self), asked = std::move(asked)](result r) {
    actors::send(me, group_answer{asked, std::make_shared<result>(std::move(r))});
  };
}

group_actor_handle::behavior_type make_handle(group_actor_handle::pointer self, group to) {
  return {
      [=](const group_command& c) -> caf::result<response> {
        to.propose(c.data, c.options, answer_to(self));
        return caf::delegated<response>{};
      },
      [=](const group_query& q) -> caf::result<response> {
        to.query(q.request, q.options, answer_to(self));
        return caf::delegated<response>{};
      },
      [](const group_answer& a) {
        if (*a.answer) {
          a.asked->deliver(std::move(**a.answer));
        } else {
          a.asked->deliver(to_caf(std::move(*a.answer).error()));
        }
      },
  };
}

}  // namespace

group_actor_handle spawn_group_actor_handle(caf::actor_system& system, group to) {
  return system.spawn(make_handle, std::move(to));
}

error failure_of(const caf::error& e) {
  if (!e) return {};
  if (e.category() != category()) {
    return {error_code::outcome_unknown, "the group's actor did not answer", {}};
  }
  error found{static_cast<error_code>(e.code()), {}, {}};
  e.context().extract({[&](const std::string& message, const std::string& leader) {
    found.message = message;
    found.leader = leader;
  }});
  return found;
}

}  // namespace troupe
