#include "codec/membership.hpp"

#include "codec/limits.hpp"
#include "codec/packing.hpp"
#include "codec/tape.hpp"

namespace troupe::codec {
namespace {

constexpr std::size_t record_fields = 3;
constexpr std::size_t roster_fields = 5;
/// Removed nodes are remembered, too.
constexpr std::uint32_t roster_nodes_max = 65'536;
constexpr std::size_t tokens_max = 4 + (1 + roster_fields) * std::size_t{roster_nodes_max};

template <class Decoded, class Take>
raft::expected<Decoded, decode_error> decode_whole(std::string_view record, const char* what,
                                                   Take take) {
  tape fields;
  if (auto parsed = fields.parse_whole(record, tokens_max); !parsed) {
    return raft::unexpected(decode_error{std::string(what) + ": " + parsed.error().what});
  }
  cursor c(fields);
  Decoded decoded = take(c);
  if (!c.ok()) {
    return raft::unexpected(c.error());
  }
  return decoded;
}

address_book take_book(cursor& c) {
  address_book book;
  const std::uint32_t count = c.array("book", 0, members_max);
  book.reserve(count);
  for (std::uint32_t i = 0; i < count && c.ok(); ++i) {
    c.array("book.member", record_fields, record_fields);
    auto& m = book.emplace_back();
    m.id = raft::node_id{c.number("book.member.id")};
    m.address = c.text("book.member.address", address_bytes_max);
    m.added = c.number("book.member.added");
  }
  return book;
}

membership_request take_change(cursor& c) {
  membership_request wanted;
  c.array("change", 2, 2);
  wanted.transition = static_cast<raft::joint_transition>(c.number(
      "change.transition", static_cast<std::uint64_t>(raft::joint_transition::explicit_leave)));
  const std::uint32_t count = c.array("change.members", 0, members_max);
  wanted.changes.reserve(count);
  for (std::uint32_t i = 0; i < count && c.ok(); ++i) {
    c.array("change.member", record_fields, record_fields);
    auto& m = wanted.changes.emplace_back();
    m.kind = static_cast<raft::change_kind>(
        c.number("change.member.kind", static_cast<std::uint64_t>(raft::change_kind::update)));
    m.id = raft::node_id{c.number("change.member.id")};
    m.address = c.text("change.member.address", address_bytes_max);
    if (c.ok() && m.id.is_none()) {
      c.refuse("change.member.id", "must not be 0");
    }
  }
  return wanted;
}

known_nodes take_roster(cursor& c) {
  known_nodes nodes;
  const std::uint32_t count = c.array("roster", 0, roster_nodes_max);
  for (std::uint32_t i = 0; i < count && c.ok(); ++i) {
    c.array("roster.node", roster_fields, roster_fields);
    auto& n = nodes[raft::node_id{c.number("roster.node.id")}];
    n.address = c.text("roster.node.address", address_bytes_max);
    n.added = c.number("roster.node.added");
    n.birth = c.number("roster.node.birth");
    n.removed = c.boolean("roster.node.removed");
  }
  return nodes;
}

}  // namespace

std::string encode_roster(const known_nodes& nodes) {
  std::string out;
  string_sink sink{out};
  string_packer p(sink);
  p.pack_array(static_cast<std::uint32_t>(nodes.size()));
  for (const auto& [id, n] : nodes) {
    p.pack_array(roster_fields);
    pack(p, id);
    pack_text(p, cut_text(n.address, address_bytes_max));
    p.pack_uint64(n.added);
    p.pack_uint64(n.birth);
    pack(p, n.removed);
  }
  return out;
}

raft::expected<known_nodes, decode_error> decode_roster(std::string_view record) {
  return decode_whole<known_nodes>(record, "roster", take_roster);
}

std::string encode_book(const address_book& book) {
  std::string out;
  string_sink sink{out};
  string_packer p(sink);
  p.pack_array(static_cast<std::uint32_t>(book.size()));
  for (const auto& m : book) {
    p.pack_array(record_fields);
    pack(p, m.id);
    pack_text(p, cut_text(m.address, address_bytes_max));
    p.pack_uint64(m.added);
  }
  return out;
}

raft::expected<address_book, decode_error> decode_book(std::string_view record) {
  return decode_whole<address_book>(record, "book", take_book);
}

std::string encode_change(const membership_request& wanted) {
  std::string out;
  string_sink sink{out};
  string_packer p(sink);
  p.pack_array(2);
  p.pack_uint8(static_cast<std::uint8_t>(wanted.transition));
  p.pack_array(static_cast<std::uint32_t>(wanted.changes.size()));
  for (const auto& m : wanted.changes) {
    p.pack_array(record_fields);
    p.pack_uint8(static_cast<std::uint8_t>(m.kind));
    pack(p, m.id);
    pack_text(p, cut_text(m.address, address_bytes_max));
  }
  return out;
}

raft::expected<membership_request, decode_error> decode_change(std::string_view record) {
  return decode_whole<membership_request>(record, "change", take_change);
}

}  // namespace troupe::codec
