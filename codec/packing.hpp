// packing: msgpack's packer over a string that grows, and the pieces that several formats share.
// Included by this folder's sources only: users of the library need no msgpack.
#pragma once

#include <memory>
#include <msgpack.hpp>
#include <string>
#include <string_view>

#include "raft/bytes.hpp"
#include "raft/types.hpp"

namespace troupe::codec {

/// What msgpack::packer wants of a stream.
struct string_sink {
  std::string& out;
  void write(const char* data, std::size_t size) { out.append(data, size); }
};

using string_packer = msgpack::packer<string_sink>;

template <class Tag>
void pack(string_packer& p, raft::number<Tag> n) {
  p.pack_uint64(n.value());
}

inline void pack(string_packer& p, bool b) {
  b ? p.pack_true() : p.pack_false();
}

inline void pack_text(string_packer& p, std::string_view text) {
  p.pack_str(static_cast<std::uint32_t>(text.size()));
  p.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

inline void pack_binary(string_packer& p, std::string_view data) {
  p.pack_bin(static_cast<std::uint32_t>(data.size()));
  p.pack_bin_body(data.data(), static_cast<std::uint32_t>(data.size()));
}

/// A payload that shares the buffer which it was received in. An empty one does not: it would keep
/// the whole buffer alive for nothing.
inline raft::bytes part_of(const std::shared_ptr<const void>& owner, std::string_view view) {
  return view.empty() ? raft::bytes() : raft::bytes(owner, view);
}

/// The longest prefix of `text` within the limit that cuts no UTF-8 character: a reason that is too
/// long for the far end still arrives, shortened.
inline std::string_view cut_text(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return text;
  }
  std::size_t size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) {
    --size;
  }
  return text.substr(0, size);
}

}  // namespace troupe::codec
