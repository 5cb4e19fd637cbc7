// group_actor_handle: a group as a typed actor, wherever its leader is: a command in, the
// processor's answer out. For code that works with CAF's headers; group.hpp offers the same
// without.
//
//   accepts  group_command   answered with response once applied
//            group_query     answered with response
//            group_answer    from itself: the group has answered
//   sends    nothing; asks through the group's own way, inside a node or from a client
//   blocks   no
//   bound    the group's admission: beyond it a request is answered "overloaded" at once
//   fails    a request that fails is answered with a caf::error; failure_of() tells which of
//            error_code it was
#pragma once

#include "groups/group.hpp"
#include "groups/messages.hpp"

namespace troupe {

struct group_command {
  raft::bytes data;
  propose_options options;
};

struct group_query {
  raft::bytes request;
  query_options options;
};

/// From the handle to itself.
struct group_answer {
  std::shared_ptr<caf::typed_response_promise<response>> asked;
  std::shared_ptr<result> answer;
};

using group_actor_handle =
    caf::typed_actor<caf::replies_to<group_command>::with<response>,
                     caf::replies_to<group_query>::with<response>, caf::reacts_to<group_answer>>;

/// Lives in `system`, which may be the caller's own, until its last handle is gone or it is told to
/// end; a node whose system it lives in does not stop before that. Give requests a timeout longer
/// than that in their options, so that the group's own answer arrives first.
group_actor_handle spawn_group_actor_handle(caf::actor_system& system, group to);

/// What the group said; outcome_unknown when `e` is none of its errors, such as a timeout of CAF.
error failure_of(const caf::error& e);

}  // namespace troupe

// A program's own block begins at caf::id_block::troupe_handles::end.
CAF_BEGIN_TYPE_ID_BLOCK(troupe_handles, caf::id_block::troupe_groups::end)
CAF_ADD_TYPE_ID(troupe_handles, (troupe::response))
CAF_ADD_TYPE_ID(troupe_handles, (troupe::group_command))
CAF_ADD_TYPE_ID(troupe_handles, (troupe::group_query))
CAF_ADD_TYPE_ID(troupe_handles, (troupe::group_answer))
CAF_END_TYPE_ID_BLOCK(troupe_handles)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::response)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::group_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::group_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::group_answer)
