#include "codec/frame.hpp"

#include "codec/big_endian.hpp"
#include "codec/checksum.hpp"
#include "codec/invariant.hpp"

namespace troupe::codec {
namespace {

// Offsets in the header. On the wire: do not change.
constexpr std::size_t version_at = 2;
constexpr std::size_t kind_at = 3;
constexpr std::size_t body_bytes_at = 4;
constexpr std::size_t checksum_at = 8;
constexpr std::string_view magic = "Tr";

using header_bytes = char[frame_header_bytes];

bool is_known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(frame_kind::hello) &&
         kind <= static_cast<std::uint8_t>(frame_kind::pong);
}

void store_unchecked_part(frame_kind kind, std::uint32_t body_bytes, header_bytes& to) {
  to[0] = magic[0];
  to[1] = magic[1];
  to[version_at] = static_cast<char>(frame_version);
  to[kind_at] = static_cast<char>(kind);
  store_big_endian(body_bytes, to + body_bytes_at);
}

void store_header(frame_kind kind, std::string_view body, header_bytes& to) {
  if (body.size() > body_bytes_max_of(kind)) {
    broken_invariant("a frame's body is over the limit of its kind");
  }
  store_unchecked_part(kind, static_cast<std::uint32_t>(body.size()), to);
  store_big_endian(checksum64({to, checksum_at}, body), to + checksum_at);
}

raft::unexpected<decode_error> refused(std::string what) {
  return raft::unexpected(decode_error{std::move(what)});
}

}  // namespace

std::string encode_frame_header(frame_kind kind, std::string_view body) {
  header_bytes header;
  store_header(kind, body, header);
  return {header, frame_header_bytes};
}

std::string encode_frame(frame_kind kind, std::string_view body) {
  header_bytes header;
  store_header(kind, body, header);
  std::string frame;
  frame.reserve(frame_header_bytes + body.size());
  frame.append(header, frame_header_bytes);
  frame.append(body);
  return frame;
}

raft::expected<frame_header, decode_error> decode_frame_header(std::string_view header) {
  if (header.size() != frame_header_bytes) {
    return refused("frame header: " + std::to_string(header.size()) + " bytes, must be 16");
  }
  if (header.substr(0, magic.size()) != magic) {
    return refused("frame magic: must be 0x5472");
  }
  const auto version = static_cast<std::uint8_t>(header[version_at]);
  if (version != frame_version) {
    return refused("frame version: " + std::to_string(version) + ", must be " +
                   std::to_string(frame_version));
  }
  const auto kind = static_cast<std::uint8_t>(header[kind_at]);
  if (!is_known(kind)) {
    return refused("frame kind: " + std::to_string(kind) + " is unknown");
  }
  frame_header decoded;
  decoded.kind = static_cast<frame_kind>(kind);
  decoded.body_bytes = load_big_endian<std::uint32_t>(header.data() + body_bytes_at);
  decoded.checksum = load_big_endian<std::uint64_t>(header.data() + checksum_at);
  if (decoded.body_bytes > body_bytes_max_of(decoded.kind)) {
    return refused("frame body length: " + std::to_string(decoded.body_bytes) + ", at most " +
                   std::to_string(body_bytes_max_of(decoded.kind)) + " for kind " +
                   std::to_string(kind));
  }
  return decoded;
}

bool frame_body_matches(const frame_header& header, std::string_view body) {
  if (body.size() != header.body_bytes) {
    return false;
  }
  header_bytes bytes;
  store_unchecked_part(header.kind, header.body_bytes, bytes);
  return checksum64({bytes, checksum_at}, body) == header.checksum;
}

}  // namespace troupe::codec
