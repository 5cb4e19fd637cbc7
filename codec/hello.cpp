#include "codec/hello.hpp"

#include "codec/limits.hpp"
#include "codec/packing.hpp"
#include "codec/tape.hpp"

namespace troupe::codec {
namespace {

// Room for what a later protocol may add, all of it within hello_body_bytes_max.
constexpr std::size_t tokens_max = 64;
constexpr std::uint32_t fields_max = 32;
constexpr std::uint32_t hello_fields = 7;
constexpr std::uint32_t reply_fields = 6;

}  // namespace

std::string encode(const hello& h) {
  std::string out;
  string_sink sink{out};
  string_packer p(sink);
  p.pack_array(hello_fields);
  p.pack_uint32(h.protocol);
  pack_text(p, cut_text(h.cluster, cluster_bytes_max));
  pack(p, h.node);
  pack(p, h.target);
  p.pack_uint64(h.incarnation);
  pack_text(p, cut_text(h.address, address_bytes_max));
  p.pack_uint64(h.birth);
  return out;
}

std::string encode(const hello_reply& h) {
  std::string out;
  string_sink sink{out};
  string_packer p(sink);
  p.pack_array(reply_fields);
  p.pack_uint16(static_cast<std::uint16_t>(h.code));
  pack_text(p, cut_text(h.message, message_bytes_max));
  pack_text(p, cut_text(h.cluster, cluster_bytes_max));
  pack(p, h.node);
  p.pack_uint64(h.incarnation);
  p.pack_uint64(h.birth);
  return out;
}

raft::expected<hello, decode_error> decode_hello(std::string_view body) {
  tape fields;
  if (auto parsed = fields.parse_whole(body, tokens_max); !parsed) {
    return raft::unexpected(decode_error{"hello: " + parsed.error().what});
  }
  cursor c(fields);
  hello h;
  const std::uint32_t count = c.array("hello", 6, fields_max);
  h.protocol = static_cast<std::uint32_t>(c.number("hello.protocol", UINT32_MAX));
  h.cluster = c.text("hello.cluster", cluster_bytes_max);
  h.node = raft::node_id{c.number("hello.node")};
  h.target = raft::node_id{c.number("hello.target")};
  h.incarnation = c.number("hello.incarnation");
  h.address = c.text("hello.address", address_bytes_max);
  // Any other protocol's hello stays readable up to here, so that the refusal can name the version
  // instead of a broken field.
  if (h.protocol == protocol_version) {
    if (count != hello_fields) {
      c.refuse("hello", std::to_string(count) + " fields, must be " + std::to_string(hello_fields));
    }
    h.birth = c.number("hello.birth");
  }
  if (!c.ok()) {
    return raft::unexpected(c.error());
  }
  return h;
}

raft::expected<hello_reply, decode_error> decode_hello_reply(std::string_view body) {
  tape fields;
  if (auto parsed = fields.parse_whole(body, tokens_max); !parsed) {
    return raft::unexpected(decode_error{"hello_reply: " + parsed.error().what});
  }
  cursor c(fields);
  hello_reply h;
  c.array("hello_reply", reply_fields, reply_fields);
  h.code = static_cast<error_code>(c.number("hello_reply.code", UINT16_MAX));
  h.message = c.text("hello_reply.message", message_bytes_max);
  h.cluster = c.text("hello_reply.cluster", cluster_bytes_max);
  h.node = raft::node_id{c.number("hello_reply.node")};
  h.incarnation = c.number("hello_reply.incarnation");
  h.birth = c.number("hello_reply.birth");
  if (c.ok() && name_of(h.code).empty()) {
    c.refuse("hello_reply.code", std::to_string(static_cast<int>(h.code)) + " is no error code");
  }
  if (!c.ok()) {
    return raft::unexpected(c.error());
  }
  return h;
}

}  // namespace troupe::codec
