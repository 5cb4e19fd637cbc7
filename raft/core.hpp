// core: the Raft protocol of one member of one group, as a machine. Inputs are method calls,
// effects come out of take_output(). Pure: no clock (time is tick()), no disk (storage answers by
// notices), no threads, no chance beyond the seed. Same options, state and inputs give the same
// outputs.
//
// Sources: Ongaro & Ousterhout, "In Search of an Understandable Consensus Algorithm" (cited as
// Raft §n); Ongaro's thesis, "Consensus: Bridging Theory and Practice" (cited as Thesis §n).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "raft/configuration.hpp"
#include "raft/configuration_change.hpp"
#include "raft/entry.hpp"
#include "raft/expected.hpp"
#include "raft/message.hpp"
#include "raft/output.hpp"
#include "raft/progress.hpp"
#include "raft/types.hpp"

namespace troupe::raft {

enum class read_policy : std::uint8_t {
  quorum,  ///< each read round is confirmed by a quorum (Thesis §6.4)
  lease,   ///< the leader trusts its lease while check-quorum holds (Thesis §6.4.1)
};

struct core_options {
  node_id self;
  std::uint32_t election_timeout_ticks = 50;  ///< lower bound; drawn from [this, 2 × this)
  std::uint32_t heartbeat_ticks = 5;          ///< must be less than the election timeout
  bool pre_vote = true;
  bool check_quorum = true;
  read_policy reads = read_policy::quorum;
  /// With lease reads: a member that starts again votes for nobody during one election timeout, as
  /// it may have confirmed a lease before. Scripts that elect at once turn it off.
  bool restart_grace = true;
  bool step_down_on_removal = true;  ///< naming a successor (Thesis §4.2.2, §3.10)
  /// Who leads first, 1 (last) to 4: each step below 4 waits one election timeout more.
  std::uint8_t election_priority = 4;
  /// An idle leader whose followers have everything sends no heartbeats after this long, and their
  /// election timers stop, until wake() or any message. The host must tell of lost connections.
  /// 0: never.
  std::uint32_t quiesce_after_ticks = 0;
  /// A leader that has nothing else to send tells of a new commit index after so long: while
  /// entries flow the next of them carries it. 0: at once.
  std::uint32_t commit_notice_ticks = 0;
  /// A learner that lacks more committed entries, or never answered, is not made a voter.
  std::uint64_t promotion_lag_max = 1024;
  std::uint64_t append_bytes_max = 1U << 20U;             ///< entries in one append request
  std::uint32_t append_requests_in_flight_max = 256;      ///< per follower while replicating
  std::uint64_t append_bytes_in_flight_max = 32U << 20U;  ///< per follower
  std::uint64_t uncommitted_bytes_max = 64U << 20U;       ///< beyond it proposals are refused
  std::uint64_t apply_bytes_max = 4U << 20U;       ///< committed entries handed out in one output
  std::uint64_t unapplied_bytes_max = 32U << 20U;  ///< handed out and not yet applied
  std::uint64_t cached_bytes_max = 32U << 20U;     ///< applied, stable entries kept for followers
  std::uint64_t spare_bytes_max = 64U << 10U;  ///< of them those that no follower is known to lack
  std::uint32_t pending_reads_max = 65536;
  std::uint64_t seed = 1;
};

/// What storage knew when the member started. A new member of a new group has `snapshot` with
/// index 0, term 0 and the initial configuration, and nothing else.
struct restored_state {
  hard_state hard;
  snapshot_point snapshot;  ///< the log begins behind it
  log_index last;           ///< last durable entry; snapshot.index when the log is empty
  /// First index of each term in (snapshot.index, last], ascending: enough for term_at(i).
  std::vector<std::pair<log_index, raft::term>> terms;
  /// Configuration entries in (snapshot.index, last], ascending.
  std::vector<std::pair<log_index, configuration>> configurations;
  log_index applied;  ///< what the state store holds; between snapshot.index and last
};

/// Why a request was refused. In every case it surely did not happen: a retry is safe.
enum class refusal_code : std::uint8_t {
  not_leader,      ///< `leader` says whom to ask, none when unknown
  term_mismatch,   ///< the proposal expected another term than the leader's
  transferring,    ///< leadership is being handed over, or should be: storage stalls
  overloaded,      ///< a byte or count limit is reached
  unknown_peer,    ///< no such member in this group
  not_a_voter,     ///< a learner cannot lead
  change_pending,  ///< another membership change is under way, or no entry of this term committed
  invalid_change,  ///< the change would leave no voter, or does not fit the joint phase
  not_caught_up,   ///< a learner that lacks more than promotion_lag_max entries cannot vote yet
  too_large,       ///< one command over append_bytes_in_flight_max
};

struct refusal {
  refusal_code code = refusal_code::not_leader;
  node_id leader;
  raft::term term;
  std::string why;  ///< for invalid_change
};

/// Where a proposal was put. It happened if and only if this index is applied with this term.
struct proposed {
  raft::term term;
  log_index first;
  log_index last;
};

struct progress_status {
  node_id id;
  bool learner = false;
  progress_state state = progress_state::probe;
  log_index match;
  log_index next;
  bool paused = false;
  bool recently_active = false;
  std::uint32_t in_flight = 0;
  bool in_flight_full = false;
  log_index pending_snapshot;
};

struct core_status {
  node_id self;
  soft_state soft;
  hard_state hard;
  log_index commit;
  log_index applied;
  log_index first;   ///< first index that the log holds
  log_index stable;  ///< last durable index
  log_index last;
  configuration peers;
  bool peers_committed = true;
  node_id transferee;  ///< none unless leadership is being handed over
  bool quiesced = false;
  std::vector<progress_status> progress;  ///< leader only; sorted by id
};

class core {
 public:
  core(core_options options, restored_state state);
  ~core();
  core(core&&) noexcept;
  core& operator=(core&&) noexcept;
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  // ---- time -------------------------------------------------------------------------------
  /// `count` ticks passed. Many at once have the effect of the same number one by one, except that
  /// at most one election or heartbeat round starts. Tell of them before step(): who heard whom,
  /// and how long a lease lasts, is judged by the ticks that were told.
  void tick(std::uint32_t count);
  /// Ticks until tick() would do something; the host may sleep that long. Never 0.
  [[nodiscard]] std::uint32_t ticks_until_due() const;
  /// For scripts and simulations: this many ticks instead of the drawn timeout, until the next
  /// draw.
  void fix_election_timeout(std::uint32_t ticks);

  // ---- peers ------------------------------------------------------------------------------
  /// A message from another member. Stale or foreign messages are dropped.
  void step(message m);
  /// The link to `peer` lost messages: replication to it falls back to probing.
  void unreachable(node_id peer);

  // ---- requests ---------------------------------------------------------------------------
  /// Appends one entry for each element, of type data or session. All are accepted or none.
  expected<proposed, refusal> propose(std::span<const bytes> commands,
                                      std::optional<term> expected_term = std::nullopt,
                                      entry_type type = entry_type::data);
  /// Appends a configuration entry; in force at once (Thesis §4.1). One change at a time, and none
  /// before an entry of this term is committed: a leader that has not heard of an earlier change
  /// could decide without its voters.
  expected<proposed, refusal> propose_configuration(
      const configuration_change& change, std::optional<term> expected_term = std::nullopt);
  /// Asks for a linearizable read (Thesis §6.4). Answered by output.reads or reads_failed. On a
  /// follower the leader is asked; refused when no leader is known.
  expected<void, refusal> read(read_id id);
  /// Hands leadership to `to` (Thesis §3.10); given up after one election timeout.
  expected<void, refusal> transfer_leadership(node_id to);
  /// Starts an election now, as if the election timer had run out.
  void campaign();
  /// Forgets the leader without waiting for the timeout; used when it is known to be gone.
  void forget_leader();
  /// Ends quiescence, if any: the host has reason to doubt that the others are still there.
  void wake();

  // ---- storage ----------------------------------------------------------------------------
  /// The write with this sequence, and all before it, are durable.
  void log_stable(write_sequence sequence);
  /// With no output left: whether log_stable() may lead to some. While it does not, it may be put
  /// off, up to the next input.
  [[nodiscard]] bool awaits_storage() const;
  /// Whether what storage was given has been under way for so long that the host holds it against
  /// it. While it is so, this member does not campaign: its own vote could not become durable. As a
  /// leader it takes no proposals, and hands over to the voter that has most, if the others can
  /// elect one without it; it tries again after a while.
  void storage_stalled(bool is_stalled);
  /// The processor holds everything up to `index`.
  void applied(log_index index);
  /// Answer to an output.fetch. `found` is consecutive from request.first, never empty.
  void fetched(const fetch& request, entries found);
  /// The host has a snapshot at `point` to send to `to`.
  void snapshot_ready(node_id to, install_snapshot snapshot);
  /// Sending the snapshot to `to` ended; on success the follower has acknowledged receipt.
  void snapshot_finished(node_id to, bool ok);
  /// The log up to `index` may be forgotten: it is in a durable snapshot. `index` ≤ applied.
  void compacted(log_index index);
  /// Up to here nobody who is being heard still needs the log. A follower that is being sent a
  /// snapshot needs what comes behind it. Without heed of followers: up to here the processor holds
  /// enough to make a snapshot of. A member that joined cannot, before it has applied the first
  /// configuration in its log: it would not know whose snapshot that is.
  [[nodiscard]] log_index compactable(bool heeds_followers = true) const;

  // ---- effects ----------------------------------------------------------------------------
  [[nodiscard]] bool has_output() const;
  output take_output();

  [[nodiscard]] core_status status() const;
  [[nodiscard]] const soft_state& soft() const;
  [[nodiscard]] log_index commit() const;
  /// The first index that the log holds, or would hold next.
  [[nodiscard]] log_index first() const;
  /// The configuration in force.
  [[nodiscard]] const configuration& peers() const;
  /// The term of the entry at `index`, none when the log does not hold it.
  [[nodiscard]] std::optional<term> term_at(log_index index) const;

 private:
  class machine;
  std::unique_ptr<machine> machine_;
};

}  // namespace troupe::raft
