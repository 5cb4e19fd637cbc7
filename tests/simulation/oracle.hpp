// oracle: what is true of one group, whoever of its members is asked: the properties of Raft figure
// 3, and what its clients were promised. Told of each thing as it happens; throws a violation.
// Knows nothing of time, networks and stores.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "raft/core.hpp"
#include "tests/simulation/storage.hpp"

namespace troupe::simulation {

class oracle {
 public:
  explicit oracle(const raft::snapshot_point& begins);

  // ---- logs -------------------------------------------------------------------------------
  /// Some member wrote this entry behind one of term `before`. Log matching: an index and a term
  /// name one entry with one past.
  void written(const raft::entry_ptr& e, raft::term before);
  /// Election safety; leader completeness.
  void led(raft::term t, raft::node_id leader, const raft::core& c);
  /// A member considers everything up to its commit index committed.
  void committed(const raft::core& c);
  /// A member entered a term: somebody must have campaigned in it.
  void campaigned(raft::term t) { campaigned_ = std::max(campaigned_, t); }
  void entered(raft::term t) const { require(t <= campaigned_, "a term begins with a campaign"); }
  /// A vote left, or a candidate's request, which is its own vote.
  void voted(raft::term t, raft::node_id voter, raft::node_id candidate);

  // ---- state ------------------------------------------------------------------------------
  /// State machine safety.
  void applied(const raft::entry& e, const replicated_state& now);
  void installed(const replicated_state& now);

  // ---- clients ----------------------------------------------------------------------------
  /// Versions that operations begun from now on must not fall behind.
  [[nodiscard]] std::uint64_t frontier(std::uint8_t key) const { return frontier_[key]; }
  /// A write was acknowledged with this answer; `began` is the frontier when it was begun.
  void acknowledged(const command& c, const reply& answer, std::uint64_t began);
  void observed(std::uint8_t key, const reply& answer, std::uint64_t began);
  /// The client was told that the command did not and will not happen.
  void surely_failed(const command& c);

  [[nodiscard]] raft::log_index chosen() const { return raft::log_index{chosen_.size()}; }
  [[nodiscard]] raft::term chosen_term(raft::log_index i) const {
    return chosen_[i.value() - 1].term;
  }
  [[nodiscard]] std::uint64_t state_hash() const { return reference_.hash(); }
  [[nodiscard]] const raft::configuration& peers() const { return peers_; }
  /// Every configuration that was ever written, chosen or not.
  [[nodiscard]] const auto& configurations() const { return configurations_; }
  [[nodiscard]] raft::log_index peers_at() const { return peers_at_; }
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }

 private:
  struct variant {
    raft::term term;
    raft::term before;
    raft::entry_ptr entry;
  };
  struct chosen_entry {
    raft::term term;
    raft::term chosen_in;  ///< never falls along the log
    std::uint64_t state_hash = 0;
  };
  struct outcome {
    std::uint64_t index = 0;  ///< where the command took effect; 0: not, 1 << 63: must not
  };

  [[nodiscard]] const variant* find(raft::log_index index, raft::term t) const;
  void choose(raft::log_index index, raft::term t, raft::term chosen_in);
  outcome& outcome_of(const command& c);

  std::vector<std::vector<variant>> known_;                                  ///< by index
  std::vector<chosen_entry> chosen_;                                         ///< by index − 1
  std::vector<raft::node_id> leaders_;                                       ///< by term
  std::vector<std::vector<std::pair<raft::node_id, raft::node_id>>> votes_;  ///< by term
  raft::term campaigned_;
  replicated_state reference_;
  raft::configuration peers_;  ///< the newest that is chosen
  raft::log_index peers_at_;
  std::vector<std::pair<raft::log_index, raft::configuration>> configurations_;
  std::array<std::uint64_t, key_count> frontier_{};
  std::array<std::vector<outcome>, client_count_max> outcomes_;  ///< by sequence
  std::vector<std::pair<std::uint64_t, std::uint64_t>> values_;  ///< by index: key, value
  std::uint64_t repeated_ = 0;
};

}  // namespace troupe::simulation
