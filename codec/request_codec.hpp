// request_codec: msgpack forms of what clients, and nodes that forward for clients, ask of a node,
// and of the replies. Knows nothing of who answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/decode_error.hpp"
#include "codec/error.hpp"
#include "raft/bytes.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::codec {

/// Values are on the wire: never renumber.
enum class request_kind : std::uint8_t {
  propose = 1,          ///< data = command
  query = 2,            ///< linearizable; data = the processor's request
  query_local = 3,      ///< the asked node's own view
  transfer = 4,         ///< data = peer text; hands leadership of the group over
  members = 5,          ///< no group; reply data = encoded member_list
  change = 6,           ///< data = encoded membership_request
  propose_session = 8,  ///< data = session header and command (codec/session_codec.hpp)
  snapshot = 7,         ///< from nodes only; data = part of a snapshot (codec/snapshot_codec.hpp)
};

struct request {
  std::uint64_t id = 0;  ///< chosen by the sender; unique among its unanswered requests
  request_kind kind = request_kind::propose;
  std::string group;
  std::uint32_t timeout_ms = 0;  ///< what is left of the caller's time, > 0
  bool forwarded = false;        ///< sent by a node on behalf of a client: never forwarded again
  std::optional<raft::term> expected_term;
  raft::bytes data;
  friend bool operator==(const request&, const request&) = default;
};

struct request_reply {
  std::uint64_t id = 0;
  error_code code = error_code::ok;
  std::string message;  ///< empty when ok
  std::string leader;   ///< peer address, with not_leader, when known
  raft::log_index index;
  raft::term term;
  raft::bytes data;
  friend bool operator==(const request_reply&, const request_reply&) = default;
};

struct member_address {
  raft::node_id id;
  std::string address;  ///< host:port
  friend bool operator==(const member_address&, const member_address&) = default;
};

/// Appended to `out`; a requests (replies) frame body is any number of these one after the other.
void append_request(const request& r, std::string& out);
void append_reply(const request_reply& r, std::string& out);
/// `data` fields point into `body`'s buffer.
raft::expected<std::vector<request>, decode_error> decode_requests(const raft::bytes& body);
raft::expected<std::vector<request_reply>, decode_error> decode_replies(const raft::bytes& body);

std::string encode_members(const std::vector<member_address>& members);
raft::expected<std::vector<member_address>, decode_error> decode_members(std::string_view record);

}  // namespace troupe::codec
