// message: what members of one group say to each other. Plain values; the codec gives them bytes,
// the core gives them meaning.
#pragma once

#include <cstdint>
#include <variant>

#include "raft/bytes.hpp"
#include "raft/configuration.hpp"
#include "raft/entry.hpp"
#include "raft/types.hpp"

namespace troupe::raft {

/// Raft §5.3. `entries` follow directly on `previous_index`; empty entries probe.
struct append_request {
  log_index previous_index;
  raft::term previous_term;
  log_index commit;
  raft::entries entries;
  friend bool operator==(const append_request& a, const append_request& b);
};

/// Accepted: the follower's durable log matches the leader's up to `matched`.
/// Rejected: `rejected_index` is the previous_index refused, and the hint is the last index and its
/// term at which the logs might still agree (thesis §4.4 conflict optimisation).
struct append_response {
  bool accepted = false;
  log_index matched;
  log_index rejected_index;
  log_index hint_index;
  raft::term hint_term;
  friend bool operator==(const append_response&, const append_response&) = default;
};

/// Raft §5.2, thesis §9.6 (pre-vote). A pre-vote asks about `next(term)` without adopting it.
struct vote_request {
  bool pre_vote = false;
  bool forced = false;  ///< sent on transfer of leadership: stickiness does not apply (§3.10)
  log_index last_index;
  raft::term last_term;
  friend bool operator==(const vote_request&, const vote_request&) = default;
};

struct vote_response {
  bool pre_vote = false;
  bool granted = false;
  friend bool operator==(const vote_response&, const vote_response&) = default;
};

/// `commit` never exceeds what the follower is known to have. `round` confirms reads, 0 for none.
/// `quiesce`: nothing is left to do; a follower that has everything may stop its election timer.
struct heartbeat_request {
  log_index commit;
  read_round round;
  bool quiesce = false;
  friend bool operator==(const heartbeat_request&, const heartbeat_request&) = default;
};

struct heartbeat_response {
  read_round round;
  bool quiesced = false;
  friend bool operator==(const heartbeat_response&, const heartbeat_response&) = default;
};

/// The committed prefix of a log, as a point: the last entry that it covers.
struct snapshot_point {
  log_index index;
  raft::term term;
  configuration peers;  ///< the configuration committed at `index`
  friend bool operator==(const snapshot_point&, const snapshot_point&) = default;
};

/// Raft §7. The state itself travels beside the core; `source` names it for the host.
struct install_snapshot {
  snapshot_point point;
  bytes source;
  friend bool operator==(const install_snapshot&, const install_snapshot&) = default;
};

/// Thesis §3.10: campaign at once, without pre-vote.
struct timeout_now {
  friend bool operator==(const timeout_now&, const timeout_now&) = default;
};

/// Thesis §6.4: a follower asks the leader for a read index on behalf of its own read.
struct read_index_request {
  read_id id;
  friend bool operator==(const read_index_request&, const read_index_request&) = default;
};

struct read_index_response {
  read_id id;
  log_index index;  ///< none when refused: the asker fails the read with a retriable error
  friend bool operator==(const read_index_response&, const read_index_response&) = default;
};

using message_body = std::variant<append_request, append_response, vote_request, vote_response,
                                  heartbeat_request, heartbeat_response, install_snapshot,
                                  timeout_now, read_index_request, read_index_response>;

struct message {
  node_id from;
  node_id to;
  raft::term term;
  message_body body;
  friend bool operator==(const message&, const message&) = default;
};

/// The field's name for a message, as interaction scripts and logs print it (MsgApp, MsgVote, …).
const char* name_of(const message& m);

}  // namespace troupe::raft
