// replicated_state: what one group replicates: a few keys, the sessions of its clients, the
// configuration. Small and copied whole, so that a store can keep an old version beside the newest.
// Knows nothing of logs, disks and members.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "persistence/memory_state.hpp"
#include "raft/configuration.hpp"
#include "raft/entry.hpp"
#include "raft/message.hpp"
#include "tests/simulation/command.hpp"

namespace troupe::simulation {

inline constexpr std::size_t key_count = 4;
inline constexpr std::size_t client_count_max = 6;

/// What persistence/sessions.hpp keeps; it decides by them as in production.
struct session_records {
  persistence::memory_keys keys;
  std::uint64_t hash = 0;  ///< of the keys and values, whatever led to them
};

class replicated_state {
 public:
  replicated_state(raft::snapshot_point begins);

  struct effect {
    reply answer;
    bool is_repeated = false;  ///< the session knew the command: nothing was changed
    bool is_command = false;
  };
  /// `e` is the entry behind applied().
  effect apply(const raft::entry& e);
  [[nodiscard]] reply read(std::uint8_t key) const;

  [[nodiscard]] raft::log_index applied() const { return applied_; }
  [[nodiscard]] raft::term applied_term() const { return applied_term_; }
  [[nodiscard]] raft::snapshot_point point() const;
  [[nodiscard]] bool knows_peers() const { return !peers_->voters.empty(); }
  /// Of everything that the state holds.
  [[nodiscard]] std::uint64_t hash() const;

  /// As a snapshot carries it.
  [[nodiscard]] std::string exported() const;
  static replicated_state imported(std::string_view text, const raft::snapshot_point& point);

 private:
  struct cell {
    std::uint64_t value = 0;
    std::uint64_t version = 0;
  };
  effect run(const command& c, raft::log_index at);
  effect run_in_session(const raft::entry& e);

  raft::log_index applied_;
  raft::term applied_term_;
  std::array<cell, key_count> cells_{};
  session_records sessions_;
  std::shared_ptr<const raft::configuration> peers_;
  std::uint64_t peers_from_ = 0;  ///< entry that brought them; 0: none did, and a member that was
                                  ///< added later does not know them
  std::uint64_t peers_hash_ = 0;
};

}  // namespace troupe::simulation
