// command: what clients ask the replicated state to do, and its bytes inside an entry. Knows
// nothing of how it is replicated.
#pragma once

#include <cstdint>
#include <string_view>

#include "raft/bytes.hpp"
#include "raft/entry.hpp"

namespace troupe::simulation {

enum class operation : std::uint8_t {
  put,    ///< the key holds `value`
  add,    ///< the key holds `value` more than before
  get,    ///< read only: never an entry
  poison  ///< the processor refuses it
};

struct command {
  std::uint32_t client = 0;
  std::uint32_t sequence = 0;
  std::uint64_t value = 0;
  operation what = operation::put;
  std::uint8_t key = 0;
  bool has_session = true;
  std::uint8_t unused = 0;
};

/// What the state says to a command or a read.
struct reply {
  std::uint64_t value = 0;
  std::uint64_t version = 0;  ///< index of the newest write of the key
  bool is_refused = false;
  bool is_stale = false;  ///< the session has gone on: the first answer is forgotten
};

/// A client's session; all are opened before the group begins.
constexpr std::uint64_t session_of(std::uint32_t client) {
  return client + 1;
}

/// As it is proposed.
raft::bytes entry_of(const command& c);
/// What a command's entry holds.
command command_of(const raft::entry& e);
/// The same, without its session.
command command_of(std::string_view text);

}  // namespace troupe::simulation
