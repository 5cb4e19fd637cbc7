// frame_reader: frames out of bytes that arrive in pieces of any size. Knows nothing of sockets and
// of what frames mean.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "codec/decode_error.hpp"
#include "codec/frame.hpp"
#include "raft/bytes.hpp"
#include "raft/expected.hpp"

namespace troupe::codec {

struct frame {
  frame_kind kind = frame_kind::ping;
  raft::bytes body;
  friend bool operator==(const frame&, const frame&) = default;
};

class frame_reader {
 public:
  /// Grows with what arrived, never with what a header claims.
  void append(std::string_view received);

  /// The next whole frame; nothing until more bytes arrive. A header is refused as soon as it is
  /// there, a body over `body_bytes_max` with it; after a refusal the reader is of no more use.
  raft::expected<std::optional<frame>, decode_error> next(std::size_t body_bytes_max);

 private:
  std::string incoming_;  ///< received, taken up to `at_`
  std::size_t at_ = 0;
  std::optional<frame_header> header_;  ///< of the frame whose body is awaited
};

}  // namespace troupe::codec
