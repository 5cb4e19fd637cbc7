// machine: the state behind core, and what its parts say to each other. Private to this folder;
// each concern has a file of its own:
//   machine.cpp      construction, messages by term, time
//   effects.cpp      output and storage notices
//   election.cpp     campaigns and votes
//   following.cpp    appends and snapshots in
//   replication.cpp  progress, appends out, commit
//   catching_up.cpp  disk reads, snapshots out
//   proposing.cpp    proposals
//   reconfiguring.cpp  membership changes, configurations in force
//   quiescence.cpp   idle groups fall silent
//   reading.cpp      linearizable reads
//   transfer.cpp     handing leadership over
#pragma once

#include <deque>
#include <variant>

#include "raft/configuration_history.hpp"
#include "raft/core.hpp"
#include "raft/log.hpp"
#include "raft/progress.hpp"
#include "raft/quorum.hpp"
#include "raft/read_index.hpp"
#include "raft/seed.hpp"

namespace troupe::raft {

/// A read that the leader was asked for on behalf of this member's host.
struct forwarded_read {
  read_id id;
  std::uint64_t asked_at_ticks;
};

struct follower_state {
  std::vector<forwarded_read> forwarded;  ///< in the order asked
};
struct pre_candidate_state {
  votes answers;
};
struct candidate_state {
  votes answers;  ///< our own counts once it is durable
};
struct leader_state {
  std::vector<progress> followers;  ///< all other members, sorted by id
  std::uint32_t heartbeat_elapsed = 0;
  bool has_committed = false;  ///< an entry of this term is committed (Raft §8, Thesis §6.4)
  node_id transferee;          ///< none unless leadership is being handed over
  std::uint32_t transfer_elapsed = 0;
  bool has_sent_timeout_now = false;  ///< from then on a lease proves nothing in this term
  std::uint64_t makes_way_at = 0;     ///< in ticks; not earlier, however long storage stalls
  std::uint32_t idle_elapsed = 0;     ///< ticks since there was anything to do but heartbeats
  std::optional<std::uint64_t> commit_notice_at;  ///< in ticks; none: everybody has been told
};

/// Of election priorities; see core_options.
inline constexpr std::uint8_t priority_max = 4;

class core::machine {
 public:
  machine(core_options options, restored_state state);

  void tick(std::uint32_t count);
  [[nodiscard]] std::uint32_t ticks_until_due() const;
  void fix_election_timeout(std::uint32_t ticks) { randomised_timeout_ = ticks; }
  void step(message m);
  void unreachable(node_id peer);
  expected<proposed, refusal> propose(std::span<const bytes> commands, std::optional<term> expected,
                                      entry_type type);
  expected<proposed, refusal> propose_configuration(const configuration_change& change,
                                                    std::optional<term> expected);
  expected<void, refusal> read(read_id id);
  expected<void, refusal> transfer_leadership(node_id to);
  void campaign(bool forced);
  void forget_leader();
  void wake();
  void log_stable(write_sequence sequence);
  [[nodiscard]] bool awaits_storage() const;
  void storage_stalled(bool is_stalled);
  void applied(log_index index);
  void fetched(const fetch& request, entries found);
  void snapshot_ready(node_id to, install_snapshot snapshot);
  void snapshot_finished(node_id to, bool ok);
  void compacted(log_index index);
  [[nodiscard]] log_index compactable(bool heeds_followers) const;
  [[nodiscard]] bool has_output() const;
  output take_output();
  [[nodiscard]] core_status status() const;
  [[nodiscard]] const soft_state& soft() const { return soft_; }
  [[nodiscard]] log_index commit() const { return log_.commit(); }
  [[nodiscard]] log_index first() const { return log_.first(); }
  [[nodiscard]] const configuration& peers() const { return configurations_.latest(); }
  [[nodiscard]] std::optional<term> term_at(log_index index) const { return log_.term_at(index); }

 private:
  // ---- effects.cpp ------------------------------------------------------------------------
  void send(node_id to, message_body body);
  /// Leaves once everything that this member has changed so far is durable.
  void promise(node_id to, raft::term at, message_body body);
  /// The log matches the leader's up to `matched`, once durable.
  void accept(node_id leader, log_index matched);
  [[nodiscard]] bool has_unstarted_write() const;
  [[nodiscard]] bool is_all_durable() const {
    return !has_unstarted_write() && issued_ == durable_;
  }
  void start_write(output& out);
  void hand_out_committed(output& out);

  // ---- machine.cpp ------------------------------------------------------------------------
  [[nodiscard]] bool is_leader() const { return std::holds_alternative<leader_state>(role_); }
  [[nodiscard]] leader_state* leading() { return std::get_if<leader_state>(&role_); }
  /// Raft §5.1: what a message's term means for ours, and whether its body counts.
  [[nodiscard]] bool admit(const message& m);
  void answer_stale(const message& m);
  void adopt_term(raft::term t);
  void tick_follower();
  void tick_leader(std::uint32_t count);
  void expire_forwarded_reads();
  [[nodiscard]] std::uint32_t ticks_until_leader_due(const leader_state& l) const;
  void set_leader(node_id leader);
  [[nodiscard]] bool trusts_leases() const {
    return options_.reads == read_policy::lease && options_.check_quorum;
  }
  refusal refuse(refusal_code code) const { return {code, soft_.leader, hard_.term, {}}; }

  // ---- election.cpp -----------------------------------------------------------------------
  [[nodiscard]] bool is_promotable() const;
  [[nodiscard]] bool is_sticky() const;
  void enter_role(role r, node_id leader);
  void become_follower(raft::term t, node_id leader);
  void become_leader();
  void start_pre_vote();
  void start_election(bool forced);
  void count_votes();
  void receive(const message& m, vote_request& r);
  void receive(const message& m, vote_response& r);

  // ---- following.cpp ----------------------------------------------------------------------
  void follow(node_id leader);
  void receive(const message& m, append_request& r);
  void receive(const message& m, heartbeat_request& r);
  void receive(const message& m, install_snapshot& r);
  void reject(node_id leader, const append_request& r);
  void append_from_leader(append_request& r);
  void truncate_from(log_index index);
  void commit_to(log_index index);

  // ---- replication.cpp --------------------------------------------------------------------
  [[nodiscard]] progress* find(leader_state& l, node_id id);
  [[nodiscard]] flight_limits flight() const;
  [[nodiscard]] log_index match_of(const leader_state& l, node_id id) const;
  void receive(const message& m, append_response& r);
  void receive(const message& m, heartbeat_response& r);
  void accepted(leader_state& l, progress& p, log_index matched);
  void spare_what_all_hold(const leader_state& l);
  void rejected(progress& p, const append_response& r);
  /// At most one request. False when nothing left: paused, waiting for the host, or nothing to say.
  [[nodiscard]] bool is_probe_under_way(const progress& p) const;
  bool send_append(progress& p, bool even_if_empty);
  /// As many requests as there are entries and room in flight.
  void send_all(progress& p);
  void post_append(progress& p, append_request r, std::uint64_t bytes);
  void broadcast_append(leader_state& l);
  /// True when appends went to everybody, false when they will later.
  bool announce_commit(leader_state& l, log_index before);
  void tell_of_commit(leader_state& l);
  void broadcast_heartbeat(leader_state& l, read_round round);
  /// Raft §5.3, §5.4.2. True when the commit index rose; then after_commit() must follow.
  [[nodiscard]] bool advance_commit(leader_state& l);
  /// What a risen commit index brings about. Leadership may end here: `l` is not to be used behind.
  void after_commit();
  [[nodiscard]] bool is_quorum_active(const leader_state& l) const;

  // ---- catching_up.cpp --------------------------------------------------------------------
  void want_fetch(progress& p);
  void want_snapshot(progress& p);
  void fetched_to_apply(const fetch& request, entries found);
  void fetched_to_replicate(const fetch& request, entries found);

  // ---- proposing.cpp ----------------------------------------------------------------------
  /// Why this member takes no proposal now.
  [[nodiscard]] std::optional<refusal> refuse_proposal(std::optional<term> expected) const;
  void append_own(entry_type type, bytes data, std::optional<configuration> peers);
  void append_entry(entry_ptr e);

  // ---- reconfiguring.cpp ------------------------------------------------------------------
  [[nodiscard]] std::optional<refusal> refuse_change(const configuration_change& change);
  void configuration_changed();
  void leave_joint_phase(leader_state& l);

  // ---- quiescence.cpp ---------------------------------------------------------------------
  /// Something happened that is more than a heartbeat.
  void disturb();
  [[nodiscard]] bool is_idle(const leader_state& l) const;
  [[nodiscard]] bool wants_quiescence(const leader_state& l) const;
  /// The leader's log is all here: the follower may fall silent. True when it did.
  [[nodiscard]] bool follow_into_quiescence(const heartbeat_request& r);
  void quiesce_if_all_did(leader_state& l);

  // ---- reading.cpp ------------------------------------------------------------------------
  void receive(const message& m, read_index_request& r);
  void receive(const message& m, read_index_response& r);
  bool ask_read(leader_state& l, read_rounds::request r);
  [[nodiscard]] bool has_lease(const leader_state& l) const;
  [[nodiscard]] bool wants_read_round() const;
  [[nodiscard]] std::uint32_t lease_ticks() const;
  void start_read_round(leader_state& l);
  void confirm_reads(leader_state& l);
  void answer_read(const read_rounds::request& r, log_index index);
  void fail_leader_reads();
  void fail_forwarded_reads();

  // ---- transfer.cpp -----------------------------------------------------------------------
  void receive(const message& m, timeout_now& r);
  void continue_transfer(leader_state& l, const progress& p);
  void abort_transfer(leader_state& l);
  /// The voter that has most, of those that are `fit`; of several the one that was to lead anyway,
  /// then the one that was heard last.
  template <class Fit>
  [[nodiscard]] static const progress* successor(const leader_state& l, Fit&& fit);
  /// Leadership ends here: somebody who can take it need not wait for an election timeout.
  void name_successor(const leader_state& l);
  /// Leadership should end, as storage stalls.
  void make_way(leader_state& l);

  core_options options_;
  chance chance_;
  hard_state hard_;
  soft_state soft_;
  log log_;
  configuration_history configurations_;
  std::variant<follower_state, pre_candidate_state, candidate_state, leader_state> role_;
  read_rounds reads_;

  std::uint64_t now_ = 0;               ///< ticks since construction
  std::uint32_t election_elapsed_ = 0;  ///< ticks since the leader was heard, or the last check
  std::uint32_t randomised_timeout_ = 0;
  bool is_quiesced_ = false;
  bool is_storage_stalled_ = false;
  std::uint64_t promised_until_ = 0;  ///< lease reads: until then no election of ours, no vote

  output out_;  ///< gathers until it is taken; `write`, `committed` and `soft` are made last
  std::uint64_t output_epoch_ = 1;
  std::vector<message> replies_;
  std::optional<install_snapshot> installing_;  ///< goes to disk with the next write
  bool is_apply_fetch_pending_ = false;
  soft_state told_soft_;

  hard_state written_hard_;  ///< what the newest write holds
  struct hard_write {
    write_sequence sequence;
    hard_state hard;
  };
  std::deque<hard_write> hard_writes_;  ///< not yet durable
  write_sequence issued_;
  write_sequence durable_;
};

}  // namespace troupe::raft
