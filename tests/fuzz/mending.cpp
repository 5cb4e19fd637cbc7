#include "tests/fuzz/mending.hpp"

#include <msgpack.hpp>
#include <utility>

#include "codec/frame.hpp"
#include "codec/packing.hpp"
#include "codec/raft_codec.hpp"

namespace troupe::fuzz {
namespace {

constexpr std::uint32_t checksum_field = 4;
constexpr std::uint32_t data_field = 5;
constexpr std::uint32_t peers_field = 6;

std::string packed(const msgpack::object& o) {
  std::string out;
  codec::string_sink sink{out};
  msgpack::packer<codec::string_sink> p(sink);
  p.pack(o);
  return out;
}

bool looks_like_entry(const msgpack::object_array& a) {
  if (a.size != peers_field && a.size != peers_field + 1) return false;
  for (std::uint32_t i = 0; i < data_field; ++i) {
    if (a.ptr[i].type != msgpack::type::POSITIVE_INTEGER) return false;
  }
  return a.ptr[data_field].type == msgpack::type::BIN;
}

/// The entry's fields: [version, term, index, type, checksum, data, peers].
void mend_entry(const msgpack::object_array& a) {
  raft::entry e;
  e.term = raft::term{a.ptr[1].via.u64};
  e.index = raft::log_index{a.ptr[2].via.u64};
  e.type = static_cast<raft::entry_type>(a.ptr[3].via.u64);
  e.data = raft::bytes(std::string(a.ptr[data_field].via.bin.ptr, a.ptr[data_field].via.bin.size));
  if (a.size > peers_field) {
    auto peers = codec::decode_configuration(packed(a.ptr[peers_field]));
    if (!peers) return;
    e.peers = std::move(*peers);
  }
  a.ptr[checksum_field].via.u64 = codec::checksum_of(e);
}

void mend_below(const msgpack::object& o) {
  if (o.type != msgpack::type::ARRAY) return;
  if (looks_like_entry(o.via.array)) mend_entry(o.via.array);
  for (std::uint32_t i = 0; i < o.via.array.size; ++i) mend_below(o.via.array.ptr[i]);
}

}  // namespace

std::string with_entry_checksums(std::string_view bytes) {
  constexpr std::size_t elements_max = 1U << 16U;
  constexpr std::size_t depth_max = 16;
  const msgpack::unpack_limit limit(elements_max, elements_max, bytes.size(), bytes.size(),
                                    bytes.size(), depth_max);
  std::string mended;
  try {
    for (std::size_t at = 0; at < bytes.size();) {
      const auto whole = msgpack::unpack(bytes.data(), bytes.size(), at, nullptr, nullptr, limit);
      mend_below(whole.get());
      mended += packed(whole.get());
    }
  } catch (const msgpack::unpack_error&) {
    return std::string(bytes);
  }
  return mended;
}

std::string with_frame_checksums(std::string_view bytes) {
  std::string mended(bytes);
  for (std::size_t at = 0; at + codec::frame_header_bytes <= mended.size();) {
    const auto left = std::string_view(mended).substr(at);
    const auto header = codec::decode_frame_header(left.substr(0, codec::frame_header_bytes));
    if (!header || left.size() - codec::frame_header_bytes < header->body_bytes) break;
    const std::string frame = codec::encode_frame(
        header->kind, left.substr(codec::frame_header_bytes, header->body_bytes));
    mended.replace(at, frame.size(), frame);
    at += frame.size();
  }
  return mended;
}

}  // namespace troupe::fuzz
