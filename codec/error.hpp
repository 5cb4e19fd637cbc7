// error: the distinct failures that a caller of a group can see: the same in C++, on the wire and
// in HTTP. Knows nothing of how they are transported.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// Values are on the wire: never renumber.
enum class error_code : std::uint16_t {
  ok = 0,
  // Surely did not happen: safe to retry.
  no_leader = 1,       ///< the group has no leader at the moment
  not_leader = 2,      ///< asked a member that does not lead; `leader` holds the leader's address
  overloaded = 3,      ///< a queue or byte limit is reached
  term_mismatch = 4,   ///< the proposal expected another term than the leader's
  shutting_down = 5,   ///< the node is stopping
  unreachable = 6,     ///< the node that had to be asked could not be reached
  read_timed_out = 7,  ///< a read was not answered in time
  // Unknown whether it happened: retry only what is idempotent.
  outcome_unknown = 32,  ///< timed out, or the node that held the request failed
  // A retry does not help.
  unknown_group = 64,     ///< no group of this name
  unknown_peer = 65,      ///< no such member in the group
  unparsable_peer = 66,   ///< the text names no peer
  invalid_argument = 67,  ///< the request is malformed; the message names field and limit
  too_large = 68,         ///< over a byte limit; the message names it
  refused = 69,           ///< the processor refused the command or failed on it
  storage_failed = 70,    ///< the node cannot write or read its disk
  duplicate_group = 71,   ///< a processor with this group name is registered already
  wiped_node = 72,        ///< a node came back under its old id without its data
  change_pending = 73,    ///< another membership change is not committed yet; try again later
  not_caught_up = 74,     ///< a learner lacks too much to become a voter
  session_expired = 75,   ///< the client's session is not known, or no longer
};

/// The code's name as it stands in JSON and logs, e.g. "not_leader"; empty for a number that is no
/// code.
std::string_view name_of(error_code code);

/// True when the request surely did not happen, so that sending it again cannot do it twice.
constexpr bool is_retriable(error_code code) {
  return code >= error_code::no_leader && code <= error_code::read_timed_out &&
         code != error_code::term_mismatch;
}

struct error {
  error_code code = error_code::ok;
  std::string message;
  std::string leader;  ///< host:port of the leader's peer address, when known
};

}  // namespace troupe
