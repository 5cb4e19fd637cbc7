// frame: the unit between two processes: a fixed header with version, kind, length and checksum,
// and a body. docs/wire-format.md describes it. Knows nothing of sockets or of what bodies mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/decode_error.hpp"
#include "raft/expected.hpp"

namespace troupe::codec {

/// Values are on the wire: never renumber.
enum class frame_kind : std::uint8_t {
  hello = 1,          ///< first frame of a connection, from the side that connected
  hello_reply = 2,    ///< accepted or refused; first frame back
  raft_messages = 3,  ///< a batch of messages of any groups (raft_codec.hpp)
  requests = 4,       ///< a batch of client requests (request_codec.hpp)
  replies = 5,        ///< a batch of replies to them
  ping = 6,           ///< keeps an idle connection alive; empty body; answered by pong
  pong = 7,
};

constexpr std::uint8_t frame_version = 1;
constexpr std::size_t frame_header_bytes = 16;
constexpr std::size_t frame_body_bytes_max = 32U << 20U;
/// Of one command, query or answer: whatever else shares its frame fits beside it.
constexpr std::size_t payload_bytes_max = 16U << 20U;
/// A hello comes from someone not yet known, so it may ask for little memory.
constexpr std::size_t hello_body_bytes_max = 8U << 10U;

/// The limit for a body of this kind: nothing for ping and pong.
constexpr std::size_t body_bytes_max_of(frame_kind kind) {
  switch (kind) {
    case frame_kind::hello:
    case frame_kind::hello_reply:
      return hello_body_bytes_max;
    case frame_kind::ping:
    case frame_kind::pong:
      return 0;
    default:
      return frame_body_bytes_max;
  }
}

struct frame_header {
  frame_kind kind = frame_kind::ping;
  std::uint32_t body_bytes = 0;
  std::uint64_t checksum = 0;  ///< XXH3-64 of the first 8 header bytes, then the body
};

/// The 16 header bytes for this body. A body over body_bytes_max_of(kind) is a broken invariant of
/// the sender and stops the process: the far end would close the connection again and again.
std::string encode_frame_header(frame_kind kind, std::string_view body);
/// Header and body in one string.
std::string encode_frame(frame_kind kind, std::string_view body);

/// Refuses a wrong magic or version, an unknown kind and a length over the limit, so that nothing
/// is allocated for a claim. `header` has exactly frame_header_bytes bytes.
raft::expected<frame_header, decode_error> decode_frame_header(std::string_view header);
/// True when the body is the one that the header was made for.
bool frame_body_matches(const frame_header& header, std::string_view body);

}  // namespace troupe::codec
