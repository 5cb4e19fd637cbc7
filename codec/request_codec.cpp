#include "codec/request_codec.hpp"

#include <algorithm>
#include <utility>

#include "codec/limits.hpp"
#include "codec/packing.hpp"
#include "codec/tape.hpp"

namespace troupe::codec {
namespace {

constexpr std::size_t request_tokens_max = 8;

request take_request(cursor& c, const std::shared_ptr<const void>& owner) {
  request r;
  c.array("request", 7, 7);
  r.id = c.number("request.id");
  r.kind = static_cast<request_kind>(
      c.number("request.kind", static_cast<std::uint64_t>(request_kind::propose_session)));
  r.group = c.text("request.group", request_group_bytes_max);
  r.timeout_ms = static_cast<std::uint32_t>(c.number("request.timeout_ms", UINT32_MAX));
  r.forwarded = c.boolean("request.forwarded");
  if (!c.nil()) {
    r.expected_term = raft::term{c.number("request.expected_term")};
  }
  r.data = part_of(owner, c.binary("request.data"));
  if (c.ok() && r.kind == request_kind{}) {
    c.refuse("request.kind", "must not be 0");
  }
  if (c.ok() && r.timeout_ms == 0) {
    c.refuse("request.timeout_ms", "must not be 0");
  }
  return r;
}

request_reply take_reply(cursor& c, const std::shared_ptr<const void>& owner) {
  request_reply r;
  c.array("reply", 7, 7);
  r.id = c.number("reply.id");
  r.code = static_cast<error_code>(c.number("reply.code", UINT16_MAX));
  r.message = c.text("reply.message", message_bytes_max);
  r.leader = c.text("reply.leader", address_bytes_max);
  r.index = raft::log_index{c.number("reply.index")};
  r.term = raft::term{c.number("reply.term")};
  r.data = part_of(owner, c.binary("reply.data"));
  if (c.ok() && name_of(r.code).empty()) {
    c.refuse("reply.code", std::to_string(static_cast<int>(r.code)) + " is no error code");
  }
  return r;
}

template <class Element, class Take>
raft::expected<std::vector<Element>, decode_error> decode_all(const raft::bytes& body,
                                                              const char* what, Take take) {
  std::vector<Element> decoded;
  const auto owner = std::make_shared<const raft::bytes>(body);
  const auto refused = [&](const std::string& why) {
    return raft::unexpected(
        decode_error{std::string(what) + " " + std::to_string(decoded.size()) + ": " + why});
  };
  tape fields;
  for (std::size_t offset = 0; offset < body.size();) {
    if (decoded.size() == frame_requests_max) {
      return refused("at most " + std::to_string(frame_requests_max) + " in a frame");
    }
    if (auto parsed = fields.parse(body.view(), offset, request_tokens_max); !parsed) {
      return refused(parsed.error().what);
    }
    cursor c(fields);
    Element e = take(c, owner);
    if (!c.ok()) {
      return refused(c.error().what);
    }
    decoded.push_back(std::move(e));
  }
  return decoded;
}

}  // namespace

void append_request(const request& r, std::string& out) {
  string_sink sink{out};
  string_packer p(sink);
  p.pack_array(7);
  p.pack_uint64(r.id);
  p.pack_uint8(static_cast<std::uint8_t>(r.kind));
  pack_text(p, cut_text(r.group, request_group_bytes_max));
  // A caller whose time ran out on the way is answered, not disconnected.
  p.pack_uint32(std::max<std::uint32_t>(r.timeout_ms, 1));
  pack(p, r.forwarded);
  if (r.expected_term) {
    pack(p, *r.expected_term);
  } else {
    p.pack_nil();
  }
  pack_binary(p, r.data.view());
}

void append_reply(const request_reply& r, std::string& out) {
  string_sink sink{out};
  string_packer p(sink);
  p.pack_array(7);
  p.pack_uint64(r.id);
  p.pack_uint16(static_cast<std::uint16_t>(r.code));
  pack_text(p, cut_text(r.message, message_bytes_max));
  pack_text(p, cut_text(r.leader, address_bytes_max));
  pack(p, r.index);
  pack(p, r.term);
  pack_binary(p, r.data.view());
}

raft::expected<std::vector<request>, decode_error> decode_requests(const raft::bytes& body) {
  return decode_all<request>(body, "request", take_request);
}

raft::expected<std::vector<request_reply>, decode_error> decode_replies(const raft::bytes& body) {
  return decode_all<request_reply>(body, "reply", take_reply);
}

std::string encode_members(const std::vector<member_address>& members) {
  std::string out;
  string_sink sink{out};
  string_packer p(sink);
  p.pack_array(static_cast<std::uint32_t>(members.size()));
  for (const member_address& m : members) {
    p.pack_array(2);
    pack(p, m.id);
    pack_text(p, cut_text(m.address, address_bytes_max));
  }
  return out;
}

raft::expected<std::vector<member_address>, decode_error> decode_members(std::string_view record) {
  tape fields;
  if (auto parsed = fields.parse_whole(record, 1 + 3 * std::size_t{members_max}); !parsed) {
    return raft::unexpected(decode_error{"members: " + parsed.error().what});
  }
  cursor c(fields);
  std::vector<member_address> members;
  const std::uint32_t count = c.array("members", 0, members_max);
  members.reserve(count);
  for (std::uint32_t i = 0; i < count && c.ok(); ++i) {
    c.array("member", 2, 2);
    member_address& m = members.emplace_back();
    m.id = raft::node_id{c.number("member.id")};
    m.address = c.text("member.address", address_bytes_max);
  }
  if (!c.ok()) {
    return raft::unexpected(c.error());
  }
  return members;
}

}  // namespace troupe::codec
