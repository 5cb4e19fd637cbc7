// world: the nodes, the network, the clients and the operator of one simulation. Everything follows
// from the plan, that is from one seed. Each concern has a file of its own:
//   world.cpp     construction, the loop over events
//   hosting.cpp   starting and stopping, inputs and outputs of cores
//   checking.cpp  what is asked of each member after each input and of each message that leaves
//   writing.cpp   the log writer, crashes
//   applying.cpp  the processor, reads, flushes, compaction
//   carrying.cpp  frames between nodes
//   copying.cpp   snapshots
//   asking.cpp    clients
//   operating.cpp membership and transfers
//   striking.cpp  faults
//   settling.cpp  the end: no more faults, and everything must come to rest
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "codec/raft_codec.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/node.hpp"
#include "tests/simulation/oracle.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/timeline.hpp"
#include "tests/simulation/trace.hpp"

namespace troupe::simulation {

struct client {
  std::uint32_t group = 0;
  std::uint32_t slot = 0;  ///< its session in the group
  std::uint32_t operation = 0;
  std::uint32_t attempt = 0;
  std::uint32_t open_attempts = 0;  ///< whose outcome is not known
  std::uint32_t sequence = 0;
  command asked;
  std::uint64_t began = 0;  ///< the key's frontier then
  bool is_busy = false;
  raft::node_id target;
};

class world {
 public:
  world(const plan& p, std::size_t lines_kept, std::FILE* out);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// Faults, then rest. Throws a violation.
  void run();

  [[nodiscard]] const trace& story() const { return trace_; }
  /// Where every member stands, for the reader of a failure.
  [[nodiscard]] std::string describe() const;

 private:
  struct frame {
    std::shared_ptr<const std::string> bytes;
    std::uint32_t from = 0;
    bool is_damaged = false;
  };

  // ---- world.cpp --------------------------------------------------------------------------
  void build();
  std::uint32_t add_node(raft::node_id id, bool is_new_id);
  void handle(const event& e);
  void dispatch(const event& e);
  [[nodiscard]] bool is_void(const event& e) const;
  void arrange(std::uint64_t units, event_kind kind, const node& n, std::uint32_t group = 0,
               std::uint32_t a = 0, std::uint64_t b = 0);
  [[nodiscard]] std::uint64_t spread(std::uint32_t units) { return chance_.below(2 * units) + 1; }
  [[nodiscard]] node& node_of(const member& m) { return *nodes_[m.node]; }
  /// The node that answers to this id now; null when there is none.
  [[nodiscard]] node* find(raft::node_id id);

  // ---- hosting.cpp ------------------------------------------------------------------------
  void start(node& n);
  void start(node& n, member& m);
  void stop(node& n, happening why);
  void crash(node& n);
  /// At the border of two operations of a store: may crash the node. True when it did.
  bool crashes_here(node& n);
  void on_tick(node& n);
  void on_resume(node& n);
  void tell_ticks(member& m);
  void hear_of_storage(member& m);
  void on_campaign(member& m);
  /// An input was given to the member's core: look at it, and take its output now or soon.
  void after_input(member& m);
  void act(member& m);
  void interpret(member& m, raft::output out);
  void issue(member& m, raft::write w);

  // ---- checking.cpp -----------------------------------------------------------------------
  void observe(member& m);
  void observe_role(member& m);
  void observe_commit(member& m);
  void check_quorum_holds(const member& m, raft::log_index index) const;
  void check_write(member& m, const raft::write& w);
  void check_leaving(member& m, const raft::message& msg);

  // ---- writing.cpp ------------------------------------------------------------------------
  void enqueue(node& n, log_job job);
  void on_write(node& n);
  void on_synced(node& n);
  void on_notice(node& n);
  void perform(node& n, const log_job& job);

  // ---- applying.cpp -----------------------------------------------------------------------
  void kick_processor(member& m);
  void on_apply(member& m);
  void answer_applied(member& m, const raft::entry& e, const replicated_state::effect& done);
  void serve_reads(member& m);
  void on_fetch(member& m);
  void on_flush(member& m);
  void check_reads_move(const member& m) const;

  // ---- carrying.cpp -----------------------------------------------------------------------
  void post(member& m, raft::message msg);
  void flush_links(node& n);
  void carry(node& from, node& to, std::shared_ptr<const std::string> bytes);
  void on_arrive(node& to, std::uint32_t slot);
  [[nodiscard]] std::uint32_t take_frame(frame f);
  void lose(node& from, node& to);
  /// The link between them is noticed to be down, at `at`.
  void notice_down(node& at, const node& peer);
  void on_unreachable(node& n, raft::node_id peer);
  [[nodiscard]] bool is_refused(const node& from, const node& to) const;

  // ---- copying.cpp ------------------------------------------------------------------------
  void on_export(member& m, raft::node_id to);
  void begin_transfer(member& m, raft::message msg);
  void on_chunk(node& sender, std::uint32_t transfer);
  void on_staged(node& receiver, std::uint32_t transfer);
  void finish_transfer(std::uint32_t transfer, bool ok);
  void on_transfer_end(node& sender, std::uint32_t transfer, bool ok);
  void install(member& m, const raft::snapshot_point& point, happening how);

  // ---- asking.cpp -------------------------------------------------------------------------
  void on_think(client& c, std::uint32_t attempt);
  void begin_operation(client& c);
  void send_request(client& c);
  void on_request(node& n, std::uint32_t slot);
  void on_proposal(member& m, std::uint32_t slot);
  void on_read(member& m, std::uint32_t slot);
  void drain(member& m);
  void answer(const member& m, std::uint32_t slot, request::outcome result);
  void on_answer(std::uint32_t slot);
  void on_timeout(client& c, std::uint32_t attempt);
  void retry(client& c);
  void finish_operation(client& c);
  void fail_queued(member& m);
  void forget_requests(member& m);
  [[nodiscard]] std::uint32_t take_slot();
  void free_slot(std::uint32_t slot);

  // ---- operating.cpp ----------------------------------------------------------------------
  void on_administer(std::uint32_t group, bool is_extra);
  [[nodiscard]] member* leader_of(std::uint32_t group);
  [[nodiscard]] bool is_mendable(const raft::configuration& peers,
                                 raft::node_id without = {}) const;
  void hand_over(member& leader);
  void remove_leader(member& leader);
  [[nodiscard]] raft::configuration_change removal_of_wiped(const raft::configuration& peers) const;
  void change(member& leader, const raft::configuration& peers,
              const raft::configuration_change& wanted);
  [[nodiscard]] raft::configuration_change draw_change(const member& leader,
                                                       const raft::configuration& peers);
  [[nodiscard]] raft::node_id draw_node(bool in_group, const raft::configuration& peers);

  // ---- striking.cpp -----------------------------------------------------------------------
  void on_strike(bool is_ambush);
  void lie_in_wait();
  void ambush();
  [[nodiscard]] node& any_leader(node& otherwise);
  void strike(fault f, node& n);
  void strike_leader(fault f, member& leader);
  void cut(node& from, node& to);
  void isolate(node& n);
  void split();
  void mend(std::uint32_t at);
  void wipe(node& n, bool keeps_id);
  [[nodiscard]] bool may_wipe(const node& n) const;
  void pause(node& n);

  // ---- settling.cpp -----------------------------------------------------------------------
  void heal();
  void settle();
  [[nodiscard]] bool has_leaders();
  [[nodiscard]] bool is_settled();
  [[nodiscard]] bool is_settled(std::uint32_t group);
  void retire_removed();

  struct transfer {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint32_t from_life = 0;
    std::uint32_t to_life = 0;
    std::uint32_t group = 0;
    std::uint32_t chunks_left = 0;
    raft::message announced;
    std::shared_ptr<const std::string> content;
  };
  struct severed {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
    bool is_mended = false;
  };

  plan plan_;
  chance chance_;
  trace trace_;
  timeline timeline_;
  std::vector<std::unique_ptr<node>> nodes_;
  std::vector<std::uint32_t> routes_;      ///< node id → node
  std::vector<std::uint64_t> disk_marks_;  ///< node id → whose disks are known under that id
  std::vector<oracle> groups_;
  std::vector<client> clients_;
  std::vector<frame> frames_;
  std::vector<std::uint32_t> free_frames_;
  std::vector<request> requests_;
  std::vector<std::uint32_t> free_requests_;
  std::vector<transfer> transfers_;
  std::vector<std::shared_ptr<const std::string>> exported_;
  std::vector<severed> severed_;
  std::vector<raft::node_id> transfer_targets_;  ///< by group; whom the newest transfer meant
  std::vector<fault> strikes_;  ///< kinds that strike at a time, of those that are on
  std::uint64_t next_read_ = 1;
  std::uint64_t next_value_ = 1;
  bool is_settling_ = false;
  bool is_draining_ = false;  ///< clients begin nothing new
};

}  // namespace troupe::simulation
