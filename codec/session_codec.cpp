#include "codec/session_codec.hpp"

#include <array>

#include "codec/big_endian.hpp"

namespace troupe::codec {
namespace {

constexpr char session_version = 1;
constexpr std::size_t numbers = 5;
constexpr std::size_t header_bytes = 1 + numbers * sizeof(std::uint64_t);
constexpr std::size_t stamp_offset = 1 + 3 * sizeof(std::uint64_t);

}  // namespace

std::string encode_session(const session_header& h, std::string_view command) {
  std::string out(header_bytes, session_version);
  const std::array<std::uint64_t, numbers> all{h.client, h.sequence, h.acked, h.stamp_ms, h.ttl_ms};
  for (std::size_t i = 0; i < numbers; ++i) {
    store_big_endian(all[i], out.data() + 1 + i * sizeof(std::uint64_t));
  }
  out.append(command);
  return out;
}

raft::expected<session_command, decode_error> decode_session(const raft::bytes& data) {
  if (data.size() < header_bytes) {
    return raft::unexpected(decode_error{"session: " + std::to_string(data.size()) +
                                         " bytes, at least " + std::to_string(header_bytes)});
  }
  const char* const from = data.view().data();
  if (from[0] != session_version) {
    return raft::unexpected(decode_error{"session.version: must be 1"});
  }
  const auto number = [from](std::size_t i) {
    return load_big_endian<std::uint64_t>(from + 1 + i * sizeof(std::uint64_t));
  };
  session_command c;
  c.header = {number(0), number(1), number(2), number(3), number(4)};
  c.command =
      raft::bytes(std::make_shared<const raft::bytes>(data), data.view().substr(header_bytes));
  const bool registers = c.header.client == 0;
  if (!registers && (c.header.sequence == 0 || c.header.acked > c.header.sequence)) {
    return raft::unexpected(
        decode_error{"session.sequence: must be at least 1 and not below session.acked"});
  }
  return c;
}

raft::bytes stamped(const raft::bytes& data, std::uint64_t stamp_ms) {
  std::string copy(data.view());
  store_big_endian(stamp_ms, copy.data() + stamp_offset);
  return raft::bytes(std::move(copy));
}

}  // namespace troupe::codec
