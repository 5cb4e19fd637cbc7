// member: the state of a group actor: the core, the roles around it, and what waits for the next
// flush. member.cpp interprets outputs, member_administration.cpp serves operators; group_actor.cpp
// routes messages.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/election_timer.hpp"
#include "groups/messages.hpp"
#include "groups/proposal_times.hpp"
#include "groups/recent_longest.hpp"
#include "groups/services.hpp"
#include "raft/core.hpp"

namespace troupe::groups {

/// What a member may do with the actor that holds it. A linked role and the member end together.
struct role_host {
  caf::actor_system* system = nullptr;
  group_actor self;
  std::function<void(const caf::actor&)> link;
  std::function<void(const caf::actor&)> unlink;
};

class member {
 public:
  static inline const char* name = "group";

  member() = default;

  void configure(services node, group_spec spec, role_host host);
  /// The stores have answered: makes the core and the roles. `now` starts its time.
  void begin(actors::loaded_member loaded, clock::time_point now);
  [[nodiscard]] bool serving() const { return core_.has_value(); }

  // ---- inputs; each is followed by flush() sooner or later --------------------------------------
  void advance(clock::time_point now);
  void arrived(actors::peer_messages& m);
  void propose(propose_request&& r) { proposals_.push_back(std::move(r)); }
  void query(query_request&& r);
  void transfer(transfer_request&& r);
  void change(change_request&& r);
  void snapshot(const snapshot_request& r);
  void reconfigured(const actors::reconfigured& now);
  void exported(const actors::exported& e);
  void snapshot_sent(const actors::snapshot_sent& s);
  void compacted(const actors::log_compacted& c);
  void stable(raft::write_sequence through);
  void fetched(actors::fetched& f) { core_->fetched(f.request, std::move(f.found)); }
  void applied(const actors::applied& batch, clock::time_point now);
  void peer_lost(raft::node_id peer, clock::time_point now);
  void peer_gone(raft::node_id peer, clock::time_point now);
  void woken() {
    armed_ = clock::time_point::max();
    compact_if_long();  // a follower that was waited for may be away for good
  }

  [[nodiscard]] bool has_output() const { return core_->has_output(); }
  /// Gives collected requests to the core and carries out everything that it wants.
  void flush(clock::time_point now);

  [[nodiscard]] group_status status(clock::time_point now);
  /// Empty when this member has caught up since its start and knows its leader.
  [[nodiscard]] std::string not_ready() const;

  /// They wait in the forwarder until their deadline; what another node forwarded is refused, and
  /// waits in that node's.
  void refuse_while_loading(propose_request&& r);
  void refuse_while_loading(query_request&& r);
  void refuse_while_loading(transfer_request&& r);
  void refuse_while_loading(change_request&& r);

 private:
  void release(const caf::actor& role);
  void keep(const char* role, const caf::actor& who);
  void campaign_soon(clock::time_point now, raft::node_id gone = {});
  void campaign_at(clock::time_point when);
  void campaign_if_orphaned(clock::time_point now);
  void propose_collected(clock::time_point now);
  void propose_together(std::vector<propose_request> batch, clock::time_point now);
  void accept(std::vector<propose_request>& batch, const raft::proposed& at, clock::time_point now);
  void decline(propose_request&& r, const raft::refusal& why);
  void read_collected();
  [[nodiscard]] error objection_to(const codec::wanted_change& change) const;
  [[nodiscard]] raft::expected<codec::address_book, std::string> book_after(
      const codec::membership_request& wanted, const std::vector<raft::node_id>& members) const;
  void refuse_transfer(transfer_request&& r, const raft::refusal& why);
  void refuse_change(change_request&& r, const raft::refusal& why);
  void follow_book(const persistence::group_state& data);
  void meet_new_members(const raft::entries& appended);
  void ask_when_caught_up();

  bool carry_out(clock::time_point now);
  bool hear_of_storage();
  bool wait_for_storage();
  void write(raft::write&& w, clock::time_point now);
  void send_messages(std::vector<raft::message>&& messages);
  void fetch(const std::vector<raft::fetch>& wanted);
  void want_snapshots(const std::vector<raft::snapshot_wanted>& wanted);
  void send_snapshot(raft::message&& announcement);
  void stop_sending_snapshots();
  /// Ends this life of the member: it begins again with the state of the snapshot.
  void install(const raft::install_snapshot& snapshot);
  void compact_if_long();
  void compact_up_to(raft::log_index limit);
  void compact_as_asked();
  [[nodiscard]] bool is_disk_stalled(clock::time_point now) const;
  void make_way(raft::node_id successor, clock::time_point now);
  void taken(const std::vector<propose_request>& batch, raft::log_index last,
             clock::time_point now);
  void measure(clock::time_point now);
  void serve_reads(const std::vector<raft::read_ready>& ready);
  void retry_reads(const std::vector<raft::read_id>& failed);
  void role_changed(const raft::soft_state& soft);
  void tell_of_leader(raft::node_id leader);
  void rearm();
  actors::replicator_actor& replicator_for(raft::node_id peer);

  services node_;
  group_spec spec_;
  std::optional<role_host> host_;
  std::optional<raft::core> core_;
  std::optional<actors::tick_counter> ticks_;
  clock::time_point armed_ = clock::time_point::max();
  clock::time_point orphaned_until_ = clock::time_point::max();  ///< then we campaign
  std::uint32_t campaigns_ = 0;  ///< of those, since a leader was last known

  std::optional<actors::processor_actor> processor_;
  std::optional<actors::fsm_caller_actor> fsm_caller_;
  std::optional<actors::election_timer_actor> timer_;
  std::map<raft::node_id, actors::replicator_actor> replicators_;  ///< while leading

  bool exporting_ = false;
  std::vector<raft::node_id> wait_for_export_;
  std::shared_ptr<const actors::exported_snapshot> fresh_snapshot_;  ///< until it is being sent
  std::map<raft::node_id, actors::snapshot_sender_actor> senders_;
  bool compacting_ = false;
  std::vector<snapshot_request> wait_for_snapshot_;  ///< for the next compaction
  std::vector<snapshot_request> in_snapshot_;        ///< for the one under way
  std::uint64_t log_bytes_ = 0;                      ///< about, of the log on disk

  std::vector<propose_request> proposals_;
  std::vector<query_request> queries_;
  std::unordered_map<raft::read_id, std::vector<query_request>> reads_;
  std::uint64_t next_read_ = 1;

  /// A read of our own tells when everything committed before our start is applied.
  raft::read_id catch_up_read_;
  raft::log_index applied_;
  recent_longest apply_times_;
  std::optional<proposal_times> proposal_times_;
  struct timed_write {
    raft::write_sequence sequence;
    clock::time_point at;
  };
  std::deque<timed_write> writes_;  ///< with the log writer
  std::shared_ptr<actors::durable_mark> mark_ = std::make_shared<actors::durable_mark>();
  raft::write_sequence durable_;  ///< of it, what the core knows
  std::optional<raft::log_index> caught_up_at_;
  bool makes_way_ = false;  ///< as the disk stalls; until leadership has ended
  bool has_settled_ = false;
  raft::node_id newest_leader_;      ///< whom we know to lead, or knew last
  bool newest_leader_gone_ = false;  ///< nothing is heard from its node any more
};

}  // namespace troupe::groups
