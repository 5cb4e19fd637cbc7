// host: one core with the storage that a real host would give it, as a model. Writes are durable
// only when write_one() says so; a crash forgets the rest. Tests read what the core wanted from its
// fields.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "raft/core.hpp"

namespace troupe::raft::testing {

/// What survives a crash.
struct disk {
  hard_state hard;
  snapshot_point snapshot;
  entries log;  ///< behind the snapshot
  log_index applied;

  [[nodiscard]] log_index last() const { return snapshot.index + log.size(); }
  [[nodiscard]] const entry_ptr& at(log_index i) const {
    return log.at(distance(snapshot.index, i) - 1);
  }
  void perform(const write& w);
  void compact_to(log_index index);
  [[nodiscard]] configuration peers_at(log_index index) const;
  [[nodiscard]] restored_state restore() const;
  [[nodiscard]] entries read(const fetch& f) const;
};

class host {
 public:
  host(core_options options, disk held);

  core* operator->() { return &*machine_; }
  core& machine() { return *machine_; }
  [[nodiscard]] const core& machine() const { return *machine_; }
  [[nodiscard]] bool is_up() const { return machine_.has_value(); }

  /// Takes one output and does everything but the write, which waits.
  bool take_one();
  /// Performs the oldest waiting write and lets its replies go.
  bool write_one();
  /// Both, until there is nothing left to do.
  void run();
  /// A message of `sender` in `term` arrives, and everything that follows from it is done.
  void receive(std::uint64_t sender, std::uint64_t term, message_body body);
  /// Bodies of this kind that were sent since the last call; the outbox is emptied.
  template <class Body>
  std::vector<Body> take_sent();
  void crash();
  void start();
  /// Answers the oldest fetch that waits; only with answers_fetches off.
  bool answer_one();
  /// The processor has applied everything handed out up to `index`; only with applies off.
  void apply_to(log_index index);
  /// The log up to `index` moves into a snapshot.
  void compact(log_index index);

  core_options options;
  disk durable;
  std::deque<write> writes;     ///< asked for, not yet durable
  std::vector<message> outbox;  ///< what may travel
  entries committed;            ///< since the last start
  std::vector<read_ready> reads;
  std::vector<read_id> reads_failed;
  std::vector<fetch> fetches;  ///< with answers_fetches off
  std::vector<node_id> snapshots_wanted;
  bool answers_fetches = true;
  bool sends_snapshots = true;
  bool applies = true;  ///< off: a processor that is stuck

 private:
  void answer(const fetch& f);

  std::optional<core> machine_;
};

/// Options with small, readable timeouts: 10 ticks for elections, 1 for heartbeats.
core_options options_of(std::uint64_t id);
/// The disk of a member that begins with these voters; with `index` behind a snapshot of term 1.
disk disk_of(std::vector<std::uint64_t> voters, std::vector<std::uint64_t> learners = {},
             std::uint64_t index = 0);
/// The disk of a member that holds these terms at indexes 1, 2, … and has seen `hard_term`.
disk disk_with(std::vector<std::uint64_t> voters, const std::vector<std::uint64_t>& terms,
               std::uint64_t hard_term);
/// Whether `action` breaks an invariant; tried in a child process.
bool aborts(const std::function<void()>& action);

using tuning = std::function<void(core_options&)>;
/// Member 1 as a follower with this disk.
host follower_with(disk held, const tuning& tune = {});
/// Member 1, elected in the term behind the disk's by all other voters; its no-op is durable, and
/// nothing was acknowledged yet. Pre-vote is off unless tuned.
host leader_with(disk held, const tuning& tune = {});
append_request append_of(std::uint64_t previous_index, std::uint64_t previous_term,
                         std::uint64_t commit, entries all = {});
append_response accepted_to(std::uint64_t matched);
vote_response granted();
entry_ptr make_entry(std::uint64_t index, std::uint64_t term, std::string data = "");
entry_ptr make_configuration_entry(std::uint64_t index, std::uint64_t term, configuration peers);
std::vector<node_id> ids(const std::vector<std::uint64_t>& numbers);
inline bytes text(std::string s) {
  return bytes(std::move(s));
}

template <class Body>
std::vector<Body> host::take_sent() {
  std::vector<Body> found;
  for (const auto& m : std::exchange(outbox, {})) {
    if (const auto* body = std::get_if<Body>(&m.body)) {
      found.push_back(*body);
    }
  }
  return found;
}

}  // namespace troupe::raft::testing
