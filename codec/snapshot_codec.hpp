// snapshot_codec: the parts in which a snapshot travels from a leader's node to a follower's, each
// a request of kind `snapshot`. Knows nothing of files; persistence/snapshot.hpp checks what
// arrives.
#pragma once

#include <cstdint>
#include <string>

#include "codec/decode_error.hpp"
#include "raft/bytes.hpp"
#include "raft/expected.hpp"

namespace troupe::codec {

/// Values are on the wire: never renumber.
enum class snapshot_step : std::uint8_t {
  begin = 1,   ///< data = the manifest
  chunk = 2,   ///< data = bytes of `file` at `offset`
  finish = 3,  ///< data = the message (raft_codec.hpp) that the receiver's member is to get
};

struct snapshot_part {
  snapshot_step step = snapshot_step::begin;
  std::uint64_t transfer = 0;  ///< names one attempt; never 0
  std::string file;
  std::uint64_t offset = 0;
  raft::bytes data;
  friend bool operator==(const snapshot_part&, const snapshot_part&) = default;
};

/// Bytes of a file in one part.
constexpr std::size_t snapshot_chunk_bytes_max = 1U << 20U;

std::string encode_part(const snapshot_part& part);
/// `data` points into `record`'s buffer.
raft::expected<snapshot_part, decode_error> decode_part(const raft::bytes& record);

}  // namespace troupe::codec
