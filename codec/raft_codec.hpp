// raft_codec: msgpack forms of entries and of the messages between members. Decoded payloads share the
// buffer that they were received in. Knows nothing of frames, sockets and disks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/decode_error.hpp"
#include "raft/bytes.hpp"
#include "raft/entry.hpp"
#include "raft/expected.hpp"
#include "raft/message.hpp"

namespace troupe::codec {

struct group_message {
  raft::group_id group;
  raft::message message;
  friend bool operator==(const group_message&, const group_message&) = default;
};

/// XXH3-64 over the entry's fields; never 0.
std::uint64_t checksum_of(const raft::entry& e);

/// One self-delimiting msgpack object, appended to `out`. A raft_messages frame body is any number of
/// these one after the other. Entries without a checksum get theirs computed.
void append_message(raft::group_id group, const raft::message& m, std::string& out);
/// All messages of a frame body. Entry payloads point into `body`'s buffer. Refuses trailing bytes,
/// unknown types, entries whose checksum does not match and indexes that are not consecutive.
raft::expected<std::vector<group_message>, decode_error> decode_messages(const raft::bytes& body);

/// The form of an entry on disk (docs/log-format.md): version, checksum, fields.
std::string encode_entry(const raft::entry& e);
raft::expected<raft::entry_ptr, decode_error> decode_entry(const raft::bytes& record);

std::string encode_configuration(const raft::configuration& c);
raft::expected<raft::configuration, decode_error> decode_configuration(std::string_view record);

}  // namespace troupe::codec
