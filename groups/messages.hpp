// messages: what the actors of this folder say to each other beyond the roles' own messages. Knows
// nothing of processors' data.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/messages.hpp"
#include "codec/membership.hpp"
#include "groups/cluster_view.hpp"
#include "groups/processor.hpp"

namespace troupe::groups {

using actors::clock;
using actors::promise_ptr;

struct propose_request {
  raft::bytes command;
  std::optional<raft::term> expected_term;
  clock::time_point deadline;
  bool may_forward = true;
  promise_ptr done;
  bool in_session = false;
  clock::time_point came{};  ///< at this node
};

struct query_request {
  raft::bytes request;
  troupe::consistency consistency = consistency::linearizable;
  clock::time_point deadline;
  promise_ptr done;
};

/// What came together for one group, as the requests of a frame do.
struct request_batch {
  std::vector<propose_request> proposals;
  std::vector<query_request> queries;
};

struct transfer_request {
  std::string peer;  ///< as the operator wrote it, for the node that leads
  raft::node_id to;
  clock::time_point deadline;
  bool may_forward = true;
  promise_ptr done;
};

struct change_request {
  codec::membership_request wanted;
  clock::time_point deadline;
  bool may_forward = true;
  promise_ptr done;
};

/// What the member has applied goes to disk, and its log loses what nobody needs any more.
struct snapshot_request {
  std::shared_ptr<std::function<void(const error&)>> done;
};

struct status_request {
  std::shared_ptr<std::function<void(group_status, std::string not_ready)>> done;
};

using group_actor =
    actors::member_actor::extend<caf::reacts_to<propose_request>, caf::reacts_to<query_request>,
                                 caf::reacts_to<request_batch>, caf::reacts_to<transfer_request>,
                                 caf::reacts_to<change_request>, caf::reacts_to<snapshot_request>,
                                 caf::reacts_to<status_request>, caf::reacts_to<actors::flush>>;

// ---- forwarder ---------------------------------------------------------------------------------

/// A proposal that the local member cannot take now; `leader` none when unknown.
struct forward_proposal {
  std::string group;
  raft::node_id leader;
  propose_request request;
};

struct retry_query {
  std::string group;
  query_request request;
};

struct forward_transfer {
  std::string group;
  raft::node_id leader;
  transfer_request request;
};

struct forward_change {
  std::string group;
  raft::node_id leader;
  change_request request;
};

/// Another node leads the group than before.
struct leader_changed {
  std::string group;
  raft::node_id leader;
  bool former_is_gone = false;  ///< nothing is heard from its node any more
};

using forwarder_actor =
    caf::typed_actor<caf::reacts_to<forward_proposal>, caf::reacts_to<retry_query>,
                     caf::reacts_to<forward_transfer>, caf::reacts_to<forward_change>,
                     caf::reacts_to<leader_changed>, caf::reacts_to<actors::woken>>;

// ---- query pool --------------------------------------------------------------------------------

/// Something waits in the pool's queue.
struct answer_next {};

using query_worker_actor = caf::typed_actor<caf::reacts_to<answer_next>>;

// ---- registry ----------------------------------------------------------------------------------

/// How to make the processor actor of a group; called again after each restart.
using processor_maker = std::function<actors::processor_actor(
    caf::actor_system&, const std::shared_ptr<persistence::group_state>&)>;

struct group_spec {
  std::string name;
  raft::group_id id;
  processor_maker make_processor;
  bool followers_may_lag = false;  ///< processor::followers_may_lag
};

struct add_group {
  group_spec spec;
};

struct added {
  error why;  ///< code ok, duplicate_group or invalid_argument
};

/// Which member does this text name, in this group?
struct resolve_peer {
  std::string group;
  std::string peer;
};

struct resolved_peer {
  error why;  ///< code ok, unknown_group, unparsable_peer or unknown_peer
  raft::node_id node;
  std::optional<group_actor> group;
};

struct restart_group {
  raft::group_id id;
};

/// The group knows its leader for the first time since it was started, or had time enough to.
struct group_settled {
  raft::group_id id;
};

/// The roster of nodes changed.
struct nodes_changed {};

using roster_keeper_actor = caf::typed_actor<caf::reacts_to<nodes_changed>>;

using registry_actor = caf::typed_actor<
    caf::replies_to<add_group>::with<added>, caf::replies_to<resolve_peer>::with<resolved_peer>,
    caf::reacts_to<restart_group>, caf::reacts_to<group_settled>, caf::reacts_to<nodes_changed>>;

// ---- client ------------------------------------------------------------------------------------

/// A request of a client on its way to the group's leader.
struct client_request {
  codec::request request;
  clock::time_point deadline;
  promise_ptr done;
};

struct client_answer {
  client_request asked;
  std::size_t node = 0;  ///< whom we asked
  error why;
};

using client_router_actor =
    caf::typed_actor<caf::reacts_to<client_request>, caf::reacts_to<client_answer>,
                     caf::reacts_to<actors::woken>>;

}  // namespace troupe::groups

#define TROUPE_GROUP_MESSAGES(X)      \
  X(troupe::groups::propose_request)  \
  X(troupe::groups::query_request)    \
  X(troupe::groups::request_batch)    \
  X(troupe::groups::transfer_request) \
  X(troupe::groups::snapshot_request) \
  X(troupe::groups::status_request)   \
  X(troupe::groups::forward_proposal) \
  X(troupe::groups::retry_query)      \
  X(troupe::groups::forward_transfer) \
  X(troupe::groups::change_request)   \
  X(troupe::groups::forward_change)   \
  X(troupe::groups::leader_changed)   \
  X(troupe::groups::answer_next)      \
  X(troupe::groups::add_group)        \
  X(troupe::groups::added)            \
  X(troupe::groups::resolve_peer)     \
  X(troupe::groups::resolved_peer)    \
  X(troupe::groups::restart_group)    \
  X(troupe::groups::group_settled)    \
  X(troupe::groups::nodes_changed)    \
  X(troupe::groups::client_request)   \
  X(troupe::groups::client_answer)

#define TROUPE_ADD_GROUP_TYPE_ID(type) CAF_ADD_TYPE_ID(troupe_groups, (type))
CAF_BEGIN_TYPE_ID_BLOCK(troupe_groups, caf::id_block::troupe_actors::end)
TROUPE_GROUP_MESSAGES(TROUPE_ADD_GROUP_TYPE_ID)
CAF_END_TYPE_ID_BLOCK(troupe_groups)
TROUPE_GROUP_MESSAGES(TROUPE_ALLOW_LOCAL)
