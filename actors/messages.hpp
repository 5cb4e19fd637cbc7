// messages: everything that actors of a node say to each other, and the interfaces of the roles.
// All messages are local: bytes between nodes travel through peer links as frames
// (codec/frame.hpp). Knows nothing of processors' data.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/caf.hpp"
#include "actors/durable_mark.hpp"
#include "actors/processing.hpp"
#include "actors/result.hpp"
#include "codec/request_codec.hpp"
#include "codec/snapshot_codec.hpp"
#include "persistence/snapshot.hpp"
#include "persistence/state_store.hpp"
#include "persistence/status.hpp"
#include "raft/core.hpp"
#include "raft/message.hpp"
#include "raft/output.hpp"

namespace troupe::actors {

// ---- to a member, from its roles and its peers -------------------------------------------------

struct peer_messages {
  std::vector<raft::message> messages;
};

/// Everything that the member wrote up to this sequence is durable, its replies are on their way.
struct log_stable {
  raft::write_sequence sequence;
};

struct fetched {
  raft::fetch request;
  raft::entries found;
};

/// The processor holds everything up to `index`; the batch that ends there was with it for so long.
struct applied {
  raft::log_index index;
  clock::duration took{};
};

/// The configuration that is committed now, and the address book that its entry carried.
struct reconfigured {
  raft::configuration peers;
  raft::bytes book;
};

/// A state as files of its own; they go with the last who needs them.
struct exported_snapshot {
  exported_snapshot(std::string where, persistence::snapshot_manifest what)
      : directory(std::move(where)), manifest(std::move(what)) {}
  ~exported_snapshot();
  exported_snapshot(const exported_snapshot&) = delete;
  exported_snapshot& operator=(const exported_snapshot&) = delete;

  std::string directory;
  persistence::snapshot_manifest manifest;
};

/// Null when exporting failed.
struct exported {
  std::shared_ptr<const exported_snapshot> snapshot;
};

/// The follower's node has the whole snapshot; or does not get it.
struct snapshot_sent {
  raft::node_id to;
  bool ok = false;
};

/// The group's state is the snapshot's; or, when that failed, what it was.
struct installed {
  persistence::status status;
};

/// The log begins behind `index` now; `log_bytes` are left of it.
struct log_compacted {
  raft::log_index index;
  std::uint64_t log_bytes = 0;
};

/// The core asked to be woken about now.
struct due {};

/// The link to `peer` dropped messages or went down.
struct peer_lost {
  raft::node_id peer;
};

/// The connection to `peer` was closed: most likely its process has ended.
struct peer_gone {
  raft::node_id peer;
};

using member_actor =
    caf::typed_actor<caf::reacts_to<peer_messages>, caf::reacts_to<log_stable>,
                     caf::reacts_to<fetched>, caf::reacts_to<applied>, caf::reacts_to<reconfigured>,
                     caf::reacts_to<exported>, caf::reacts_to<snapshot_sent>,
                     caf::reacts_to<installed>, caf::reacts_to<log_compacted>, caf::reacts_to<due>,
                     caf::reacts_to<peer_lost>, caf::reacts_to<peer_gone>>;

// ---- snapshots ---------------------------------------------------------------------------------

struct export_job {
  raft::group_id group;
  member_actor member;
};

struct install_job {
  raft::group_id group;
  raft::snapshot_point point;
  std::string directory;  ///< of the received snapshot; removed afterwards
  member_actor member;
};

/// Forget the log up to `limit`, or as far as the state is on disk.
struct compact_job {
  raft::group_id group;
  raft::log_index limit;
  member_actor member;
};

/// Reads the whole state of a group; `done` is called once.
struct content_job {
  raft::group_id group;
  std::function<void(const raft::expected<persistence::content, persistence::status>&)> done;
};

using snapshotter_actor =
    caf::typed_actor<caf::reacts_to<export_job>, caf::reacts_to<install_job>,
                     caf::reacts_to<compact_job>, caf::reacts_to<content_job>>;

/// The follower's node took a part, or not.
struct part_answered {
  error why;
};

struct received_part {
  raft::group_id group;
  codec::snapshot_part part;
  promise_ptr done;
};

using snapshot_intake_actor = caf::typed_actor<caf::reacts_to<received_part>>;

// ---- log writer and log reader -----------------------------------------------------------------

struct append_job {
  raft::group_id group;
  std::shared_ptr<const raft::write> write;
  member_actor member;
  std::shared_ptr<durable_mark> mark = nullptr;  ///< null: the member is told in any case
};

/// Reads what the stores hold of a group, behind everything queued before it.
struct load_job {
  raft::group_id group;
  raft::configuration initial;
};

struct loaded_member {
  persistence::status status;
  std::optional<raft::restored_state> state;
  std::shared_ptr<persistence::group_state> data;
  std::uint64_t log_bytes = 0;
};

/// Sent to oneself behind whatever the mailbox holds: act on the batch that came before.
struct flush {};

using log_writer_actor =
    caf::typed_actor<caf::reacts_to<append_job>, caf::replies_to<load_job>::with<loaded_member>,
                     caf::reacts_to<flush>>;

struct fetch_job {
  raft::group_id group;
  raft::fetch request;
  member_actor member;
};

using log_reader_actor = caf::typed_actor<caf::reacts_to<fetch_job>>;

// ---- time --------------------------------------------------------------------------------------

struct woken {};
using woken_actor = caf::typed_actor<caf::reacts_to<woken>>;

using snapshot_sender_actor =
    caf::typed_actor<caf::reacts_to<part_answered>, caf::reacts_to<woken>>;

struct wake_request {
  clock::time_point when;
  woken_actor who;
};

using ticker_actor = caf::typed_actor<caf::reacts_to<wake_request>, caf::reacts_to<woken>>;

/// Send `due` to the member at `deadline`, unless an earlier wake-up is under way already.
struct arm {
  clock::time_point deadline;
};

using election_timer_actor = caf::typed_actor<caf::reacts_to<arm>, caf::reacts_to<woken>>;

// ---- peer link ---------------------------------------------------------------------------------

struct outbound {
  raft::group_id group;
  std::vector<raft::message> messages;
};

/// Messages of one group that the replicator has encoded (codec::append_message).
struct outbound_encoded {
  raft::group_id group;
  std::string bytes;
};

/// A request for another node on behalf of a client; answered through `done`.
struct forward_request {
  codec::request request;
  clock::time_point deadline;
  promise_ptr done;
};

struct link_up {
  std::uint64_t connection = 0;
};
struct link_down {
  std::uint64_t connection = 0;
  std::string why;
};
/// The socket took everything that it was given.
struct link_drained {
  std::uint64_t connection = 0;
};
struct link_replies {
  std::vector<codec::request_reply> replies;
};

using peer_link_actor =
    caf::typed_actor<caf::reacts_to<outbound>, caf::reacts_to<outbound_encoded>,
                     caf::reacts_to<forward_request>, caf::reacts_to<link_up>,
                     caf::reacts_to<link_down>, caf::reacts_to<link_drained>,
                     caf::reacts_to<link_replies>, caf::reacts_to<flush>, caf::reacts_to<woken>>;

// ---- replicator --------------------------------------------------------------------------------

/// Append requests and snapshots for one follower, in order.
struct replicate {
  std::vector<raft::message> messages;
};

using replicator_actor = caf::typed_actor<caf::reacts_to<replicate>, caf::reacts_to<raft::fetch>>;

// ---- FSM caller and processor ------------------------------------------------------------------

struct waiting_proposal {
  clock::time_point deadline;
  promise_ptr done;
};

/// Proposals appended at first, first + 1, …; whoever applies these indexes answers them.
struct expect_applied {
  raft::log_index first;
  raft::term term;
  std::vector<waiting_proposal> proposals;
};

struct committed {
  raft::entries entries;
};

struct waiting_query {
  raft::bytes request;
  clock::time_point deadline;
  promise_ptr done;
};

/// Queries that may be answered once `index` is applied; index none: at once.
struct serve_queries {
  raft::log_index index;
  std::vector<waiting_query> queries;
};

struct apply_batch {
  std::vector<command> commands;
  /// Where the data and the applied index go; the processor commits it.
  std::shared_ptr<persistence::group_state> data;
  raft::log_index last;  ///< the applied index once all commands are applied
  raft::term last_term;  ///< of the entry at `last`

  /// What to commit once the first `count` commands are applied.
  [[nodiscard]] persistence::applied_change change_at(std::size_t count) const {
    if (count < commands.size()) {
      return count == 0 ? persistence::applied_change{}
                        : persistence::applied_change{commands[count - 1].index,
                                                      commands[count - 1].term, std::nullopt};
    }
    return {last, last_term, std::nullopt};
  }
};

/// `replies.size()` commands were applied and committed; fewer than given when the processor gives
/// others a turn. Status not ok: the store failed, nothing more may be applied.
struct apply_done {
  persistence::status status;
  raft::log_index applied;
  std::vector<reply> replies;
};

/// Queries that became ready together, few enough for one turn: they may share a view of `data`.
struct query_job {
  std::vector<waiting_query> queries;
  std::shared_ptr<persistence::group_state> data;
};

struct leadership {
  member_state state;
};

/// What anything that applies commands speaks: the class form is wrapped by
/// groups/processor_host.hpp, a user's own typed actor can stand in its place.
using processor_actor = caf::typed_actor<caf::replies_to<apply_batch>::with<apply_done>,
                                         caf::reacts_to<query_job>, caf::reacts_to<leadership>>;

using fsm_caller_actor = caf::typed_actor<caf::reacts_to<expect_applied>, caf::reacts_to<committed>,
                                          caf::reacts_to<serve_queries>, caf::reacts_to<leadership>,
                                          caf::reacts_to<woken>, caf::reacts_to<flush>>;

}  // namespace troupe::actors

#define TROUPE_LOCAL_MESSAGES(X)      \
  X(troupe::actors::peer_messages)    \
  X(troupe::actors::log_stable)       \
  X(troupe::actors::fetched)          \
  X(troupe::actors::applied)          \
  X(troupe::actors::reconfigured)     \
  X(troupe::actors::exported)         \
  X(troupe::actors::snapshot_sent)    \
  X(troupe::actors::installed)        \
  X(troupe::actors::log_compacted)    \
  X(troupe::actors::export_job)       \
  X(troupe::actors::install_job)      \
  X(troupe::actors::compact_job)      \
  X(troupe::actors::content_job)      \
  X(troupe::actors::part_answered)    \
  X(troupe::actors::received_part)    \
  X(troupe::actors::due)              \
  X(troupe::actors::peer_lost)        \
  X(troupe::actors::peer_gone)        \
  X(troupe::actors::append_job)       \
  X(troupe::actors::load_job)         \
  X(troupe::actors::loaded_member)    \
  X(troupe::actors::flush)            \
  X(troupe::actors::fetch_job)        \
  X(troupe::actors::woken)            \
  X(troupe::actors::wake_request)     \
  X(troupe::actors::arm)              \
  X(troupe::actors::outbound)         \
  X(troupe::actors::outbound_encoded) \
  X(troupe::actors::forward_request)  \
  X(troupe::actors::link_up)          \
  X(troupe::actors::link_down)        \
  X(troupe::actors::link_drained)     \
  X(troupe::actors::link_replies)     \
  X(troupe::actors::replicate)        \
  X(troupe::raft::fetch)              \
  X(troupe::actors::expect_applied)   \
  X(troupe::actors::committed)        \
  X(troupe::actors::serve_queries)    \
  X(troupe::actors::apply_batch)      \
  X(troupe::actors::apply_done)       \
  X(troupe::actors::query_job)        \
  X(troupe::actors::leadership)

// Ids are for CAF's tables inside one process; nothing here is ever serialised.
#define TROUPE_ADD_TYPE_ID(type) CAF_ADD_TYPE_ID(troupe_actors, (type))
CAF_BEGIN_TYPE_ID_BLOCK(troupe_actors, caf::first_custom_type_id)
TROUPE_LOCAL_MESSAGES(TROUPE_ADD_TYPE_ID)
CAF_END_TYPE_ID_BLOCK(troupe_actors)

#define TROUPE_ALLOW_LOCAL(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
TROUPE_LOCAL_MESSAGES(TROUPE_ALLOW_LOCAL)
