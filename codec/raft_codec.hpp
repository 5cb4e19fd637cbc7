// raft_codec: msgpack forms of entries and of the messages between members. Decoded payloads share
// the buffer that they were received in. Knows nothing of frames, sockets and disks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/decode_error.hpp"
#include "raft/bytes.hpp"
#include "raft/entry.hpp"
#include "raft/expected.hpp"
#include "raft/message.hpp"

namespace troupe::codec {

/// Limits that the sender keeps and the receiver enforces (docs/wire-format.md). An append of empty
/// entries reaches the first one at 8 MiB of core_options::append_bytes_max.
constexpr std::uint32_t append_entries_max = 262'144;
constexpr std::size_t frame_messages_max = 65'536;
/// In each list of a configuration.
constexpr std::uint32_t configuration_nodes_max = 1'024;

struct group_message {
  raft::group_id group;
  raft::message message;
  friend bool operator==(const group_message&, const group_message&) = default;
};

/// XXH3-64 over the entry's fields, as docs/wire-format.md defines it; never 0.
std::uint64_t checksum_of(const raft::entry& e);

/// One self-delimiting msgpack object, appended to `out`. A raft_messages frame body is any number
/// of these one after the other. Entries without a checksum get theirs computed.
void append_message(raft::group_id group, const raft::message& m, std::string& out);
/// All messages of a frame body, at most frame_messages_max. Entry payloads point into `body`'s
/// buffer. Refuses trailing bytes, unknown types, entries whose checksum does not match and indexes
/// that are not consecutive.
raft::expected<std::vector<group_message>, decode_error> decode_messages(const raft::bytes& body);

/// The form of an entry on disk (docs/log-format.md), the same as on the wire.
std::string encode_entry(const raft::entry& e);
/// The same, appended to `out`, so that a writer of many entries may use one buffer.
void append_entry(const raft::entry& e, std::string& out);
/// `record` holds one entry and nothing else. The payload points into its buffer.
raft::expected<raft::entry_ptr, decode_error> decode_entry(const raft::bytes& record);

std::string encode_configuration(const raft::configuration& c);
raft::expected<raft::configuration, decode_error> decode_configuration(std::string_view record);

}  // namespace troupe::codec
