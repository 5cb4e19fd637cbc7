// session_codec: what stands in front of a command that is sent in a session (Thesis §6.3). Part of
// the entry, and so of the replicated state. Knows nothing of how a session is kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/decode_error.hpp"
#include "raft/bytes.hpp"
#include "raft/expected.hpp"

namespace troupe::codec {

struct session_header {
  std::uint64_t client = 0;    ///< the session's id; 0 registers one, whose id is the entry's index
  std::uint64_t sequence = 0;  ///< from 1; each command of the session has its own
  std::uint64_t acked = 0;     ///< the client has the answers of all sequences below this one
  std::uint64_t stamp_ms = 0;  ///< since 1970, by the leader that proposed the entry
  std::uint64_t ttl_ms = 0;    ///< of the session; when registering
  friend bool operator==(const session_header&, const session_header&) = default;
};

struct session_command {
  session_header header;
  raft::bytes command;  ///< points into the decoded buffer
};

/// A version byte, the five numbers in big-endian order, the command. On disk: do not change.
std::string encode_session(const session_header& header, std::string_view command);
raft::expected<session_command, decode_error> decode_session(const raft::bytes& data);
/// The same command with another stamp; `data` must be one that decodes.
raft::bytes stamped(const raft::bytes& data, std::uint64_t stamp_ms);

}  // namespace troupe::codec
