// sessions: which commands of which client a group has applied, and what it answered (Thesis §6.3).
// Kept in the group's own records, so that every replica decides alike and snapshots hold it. Time
// is what leaders stamped into the log. Knows nothing of how commands are applied.
//
// Rules, in this order: an unknown session is refused; a sequence with a stored answer gets that
// answer again; one below `acked`, or below what was acknowledged before, is refused; everything
// else is applied, once, and its answer stored until the client acknowledges it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "codec/session_codec.hpp"
#include "persistence/state.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

/// What a command of a session came to.
struct session_answer {
  enum class outcome : std::uint8_t {
    applied = 0,   ///< `text` is what the processor answered
    refused = 1,   ///< by the processor; `text` says why
    expired = 2,   ///< the session is not known, or no longer
    too_late = 3,  ///< the client had acknowledged this sequence, its answer is forgotten
    limited = 4,   ///< a limit is reached, nothing was applied: may be sent again later
    not_kept = 5,  ///< applied before; its answer was too long to be kept
  };
  outcome how = outcome::applied;
  std::string text;
  raft::log_index index;  ///< of the entry that was applied
  raft::term term;
};

/// Replicas must agree on them: not to be changed in a running cluster.
struct session_limits {
  std::uint64_t sessions_max = 16'384;      ///< more are refused
  std::uint64_t unacknowledged_max = 64;    ///< answers of one session; more are refused
  std::uint64_t answer_bytes_max = 65'536;  ///< a longer answer is not kept
  std::uint64_t ttl_ms_min = 10'000;        ///< what is asked for is brought into these bounds
  std::uint64_t ttl_ms_max = 86'400'000;
};

struct apply_command {};
using session_decision = std::variant<apply_command, session_answer>;

class sessions {
 public:
  /// `records` are the group's own ones, as the batch has them; must outlive this object.
  explicit sessions(state_batch& records, session_limits limits = {})
      : records_(records), limits_(limits) {}

  /// The entry at `index` is a registration: opens a session called after it. Always an answer.
  session_answer open(const codec::session_header& h, raft::log_index index, raft::term term);
  /// Whether the command is to be applied; brings the session's time and acknowledgements up to
  /// date. Forgets sessions that were not used for their time to live, a few at each call.
  session_decision begin(const codec::session_header& h);
  /// It was applied, or refused by the processor, with this answer. Always follows a begin() that
  /// says so, on the same object.
  void remember(const codec::session_header& h, const session_answer& answer);

 private:
  /// What all sessions share.
  struct table {
    std::uint64_t clock_ms = 0;  ///< the log's: the greatest stamp so far
    std::uint64_t count = 0;
    std::uint64_t due_ms = UINT64_MAX;  ///< no session expires before
    friend bool operator==(const table&, const table&) = default;
  };
  struct record {
    std::uint64_t ttl_ms = 0;
    std::uint64_t used_ms = 0;             ///< on the log's clock
    std::uint64_t due_ms = 0;              ///< where it stands in the order of expiry
    std::uint64_t acked = 0;               ///< all below are forgotten
    std::vector<std::uint64_t> sequences;  ///< whose answers are stored

    [[nodiscard]] std::uint64_t expires_ms() const;
  };
  [[nodiscard]] table read_table() const;
  void put(const table& t);
  [[nodiscard]] std::optional<record> find(std::uint64_t client) const;
  void put(std::uint64_t client, const record& r);
  void forget_answers(std::uint64_t client, record& r, std::uint64_t below);
  void forget_session(std::uint64_t client, const record& r, table& t);
  void expire(table& t);
  session_decision decide(const codec::session_header& h, table& t);

  state_batch& records_;
  /// The client and its record between begin() and remember(): written once, with the answer.
  std::optional<std::pair<std::uint64_t, record>> applying_;
  session_limits limits_;
};

}  // namespace troupe::persistence
