// invariants: what must hold of one group whatever happens (Raft figure 3), and what no member may
// say before it is durable. Told of each thing as it happens, so that a step costs only what it
// changed. Knows neither networks nor time; who plays the group, a script or chance, calls it.
//
//   observe       after every input of a member: terms, leaders, commit index
//   persisted     after a write was performed
//   handed_out    when committed entries reach the processor
//   leaves        before a message is put on the wire
//   started       when a member starts, first or again
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "raft/core.hpp"
#include "tests/raft/host.hpp"

namespace troupe::raft::testing {

/// A member as it is looked at. `machine` is null while it is down.
struct node_view {
  node_id id;
  const core* machine = nullptr;
  const disk* durable = nullptr;
};

class invariant_broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

class invariants {
 public:
  /// `view` began to run from what its disk holds; also called for a new member.
  void started(const node_view& view);
  /// `all` are the members that there are, `view` among them.
  void observe(const node_view& view, std::span<const node_view> all);
  void persisted(const node_view& view, const write& w);
  void handed_out(const node_view& view, const entries& committed);
  void leaves(const node_view& view, const message& m);
  void read_asked(node_id asker, read_id id);
  void read_ready(node_id asker, const raft::read_ready& r);
  void read_failed(node_id asker, read_id id);

  /// The highest index that any member called committed.
  [[nodiscard]] log_index chosen() const {
    return chosen_.empty() ? log_index{} : log_index{chosen_.rbegin()->first};
  }
  [[nodiscard]] std::size_t chosen_count() const { return chosen_.size(); }
  [[nodiscard]] std::size_t leader_count() const { return leaders_.size(); }
  [[nodiscard]] std::uint64_t checks() const { return checks_; }

 private:
  struct seen {
    raft::term term;       ///< while it runs
    log_index commit;      ///< while it runs
    hard_state hard;       ///< on disk
    raft::term led;        ///< newest term in which it was seen leading
    log_index appended;    ///< newest entry that it wrote as the leader of `led`
    log_index handed_out;  ///< newest entry that its processor was given
    configuration peers;   ///< in force after the last input
  };
  struct variant {
    entry_ptr held;
    raft::term before;
  };
  struct chosen_entry {
    raft::term term;
    raft::term chosen_in;  ///< the term of the member that first called it committed
  };
  using index_and_term = std::pair<std::uint64_t, std::uint64_t>;

  void require(bool holds, const char* property);
  void remember(const entry_ptr& e, raft::term before);
  void check_hard_state(seen& s, const node_view& view);
  void check_leader(seen& s, const node_view& view);
  void check_commit(seen& s, const node_view& view, std::span<const node_view> all);
  void choose(const node_view& view, log_index from, log_index to);
  [[nodiscard]] bool is_on_quorum(const configuration& peers, std::span<const node_view> all,
                                  log_index index, raft::term t) const;
  void cast(const message& m, node_id candidate);

  std::map<node_id, seen> members_;
  std::map<raft::term, node_id> leaders_;
  std::map<std::pair<raft::term, node_id>, node_id> votes_;  ///< term, voter → candidate
  std::map<index_and_term, variant> known_;                  ///< every entry ever durable somewhere
  std::map<std::uint64_t, chosen_entry> chosen_;             ///< by index
  std::map<std::uint64_t, entry_ptr> processed_;  ///< by index: what processors were given
  std::map<std::pair<node_id, read_id>, std::vector<log_index>> reads_;  ///< chosen when asked
  std::uint64_t checks_ = 0;
};

}  // namespace troupe::raft::testing
