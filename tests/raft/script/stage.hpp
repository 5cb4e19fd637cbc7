// stage: the members of a script's group and everything between them. Does one thing at a time,
// when a command says so; tells the transcript and the invariants of each. Knows no commands.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/raft/invariants/invariants.hpp"
#include "tests/raft/script/member.hpp"
#include "tests/raft/script/network.hpp"
#include "tests/raft/script/transcript.hpp"

namespace troupe::raft::script {

/// What was asked cannot be done as things stand; the script itself is in order.
class not_possible : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class stage {
 public:
  transcript out;
  network wire;
  testing::invariants truth;

  // ---- members ----------------------------------------------------------------------------
  void add(member_setup setup);
  [[nodiscard]] node_id next_id() const { return node_id{members_.size() + 1}; }
  [[nodiscard]] const auto& members() const { return members_; }
  /// Throws a script_error when there is none with this id.
  member& at(node_id id);
  /// The core of a member that is up.
  core& running(node_id id);
  [[nodiscard]] std::vector<node_id> ids() const;
  void start(member& m);
  void stop(member& m);

  // ---- processing -------------------------------------------------------------------------
  /// Takes one output and does what it asks for.
  void process_output(member& m);
  /// False when nothing is queued.
  bool process_append(member& m);
  bool process_apply(member& m);
  void process_queues(member& m);
  void stabilize(const std::vector<node_id>& ids);
  /// How many there were.
  std::size_t deliver(const delivery& d, bool keep);
  std::size_t drop(const delivery& d);
  void post(envelope e);
  /// Must follow each input of a core: tells what changed, and checks.
  void after_input(member& m);

  // ---- requests ---------------------------------------------------------------------------
  void propose(member& m, const std::string& text, std::optional<term> expected);
  void propose_change(member& m, const configuration_change& change);
  void read(member& m, const std::string& name);
  void tell_read_results();
  void provide_snapshot(member& m, node_id to);

 private:
  struct read_result {
    node_id asker;
    std::string name;
    log_index index;  ///< none: failed
  };

  bool process_all_once(const std::vector<node_id>& ids);
  void receive(envelope e);
  void perform(member& m, write w);
  void hand_out(member& m, const entries& committed);
  void finish_reads(member& m, const output& taken);
  void answer(member& m, const fetch& f);
  void pass_on(member& m, passed_on request);
  void propose_kept(member& m);
  read_id id_of(const std::string& name);

  std::vector<std::unique_ptr<member>> members_;
  std::map<std::string, read_id> reads_;
  std::vector<read_result> results_;
};

}  // namespace troupe::raft::script
