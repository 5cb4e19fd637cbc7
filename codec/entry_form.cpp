#include "codec/entry_form.hpp"

#include <utility>

#include "codec/big_endian.hpp"
#include "codec/checksum.hpp"

namespace troupe::codec {
namespace {

void pack_nodes(string_packer& p, const std::vector<raft::node_id>& nodes) {
  p.pack_array(static_cast<std::uint32_t>(nodes.size()));
  for (const raft::node_id n : nodes) {
    pack(p, n);
  }
}

std::vector<raft::node_id> take_nodes(cursor& c, const char* field) {
  std::vector<raft::node_id> nodes;
  const std::uint32_t count = c.array(field, 0, configuration_nodes_max);
  nodes.reserve(count);
  raft::node_id last;
  for (std::uint32_t i = 0; i < count && c.ok(); ++i) {
    const raft::node_id n{c.number(field)};
    // raft::configuration promises it, and quorums are counted on that promise.
    if (n <= last) {
      c.refuse(field, "must be ascending and without 0");
    }
    last = n;
    nodes.push_back(n);
  }
  return nodes;
}

}  // namespace

// On disk and on the wire: do not change.
std::uint64_t checksum_of(const raft::entry& e) {
  constexpr std::size_t fixed_bytes = 25;
  char fixed[fixed_bytes];
  store_big_endian(e.term.value(), fixed);
  store_big_endian(e.index.value(), fixed + 8);
  fixed[16] = static_cast<char>(e.type);
  // The payload's own hash instead of the payload: one pass over it, and none of it is copied.
  store_big_endian(checksum64(e.data.view()), fixed + 17);
  const std::uint64_t sum = e.peers
                                ? checksum64({fixed, fixed_bytes}, encode_configuration(*e.peers))
                                : checksum64({fixed, fixed_bytes});
  return sum == 0 ? 1 : sum;
}

void pack_configuration(string_packer& p, const raft::configuration& c) {
  p.pack_array(5);
  pack_nodes(p, c.voters);
  pack_nodes(p, c.outgoing);
  pack_nodes(p, c.learners);
  pack_nodes(p, c.learners_next);
  pack(p, c.auto_leave);
}

raft::configuration take_configuration(cursor& c) {
  raft::configuration taken;
  c.array("configuration", 5, 5);
  taken.voters = take_nodes(c, "configuration.voters");
  taken.outgoing = take_nodes(c, "configuration.outgoing");
  taken.learners = take_nodes(c, "configuration.learners");
  taken.learners_next = take_nodes(c, "configuration.learners_next");
  taken.auto_leave = c.boolean("configuration.auto_leave");
  return taken;
}

void pack_entry(string_packer& p, const raft::entry& e) {
  p.pack_array(e.peers ? 7 : 6);
  p.pack_uint64(entry_version);
  pack(p, e.term);
  pack(p, e.index);
  p.pack_uint8(static_cast<std::uint8_t>(e.type));
  p.pack_uint64(e.checksum != 0 ? e.checksum : checksum_of(e));
  pack_binary(p, e.data.view());
  if (e.peers) {
    pack_configuration(p, *e.peers);
  }
}

raft::entry_ptr take_entry(cursor& c, const std::shared_ptr<const void>& owner) {
  const std::uint32_t fields = c.array("entry", 6, 7);
  if (c.number("entry.version") != entry_version) {
    c.refuse("entry.version", "must be " + std::to_string(entry_version));
  }
  auto e = std::make_shared<raft::entry>();
  e->term = raft::term{c.number("entry.term")};
  e->index = raft::log_index{c.number("entry.index")};
  e->type = static_cast<raft::entry_type>(
      c.number("entry.type", static_cast<std::uint64_t>(raft::entry_type::session)));
  e->checksum = c.number("entry.checksum");
  e->data = part_of(owner, c.binary("entry.data"));
  if (fields == 7) {
    e->peers = take_configuration(c);
  }
  if (c.ok() && (e->term.is_none() || e->index.is_none() || e->type == raft::entry_type{})) {
    c.refuse("entry", "term, index and type must not be 0");
  }
  if (c.ok() && e->peers.has_value() != (e->type == raft::entry_type::configuration)) {
    c.refuse("entry.peers", "must stand in configuration entries and in no others");
  }
  if (c.ok() && e->checksum != checksum_of(*e)) {
    c.refuse("entry.checksum", "does not match the entry at index " + to_string(e->index));
  }
  return c.ok() ? std::move(e) : nullptr;
}

std::string encode_entry(const raft::entry& e) {
  std::string out;
  out.reserve(e.data.size() + 40);
  append_entry(e, out);
  return out;
}

void append_entry(const raft::entry& e, std::string& out) {
  string_sink sink{out};
  string_packer p(sink);
  pack_entry(p, e);
}

raft::expected<raft::entry_ptr, decode_error> decode_entry(const raft::bytes& record) {
  thread_local tape fields;  // entries are read from disk by the thousand, one by one
  if (auto parsed = fields.parse_whole(record.view(), entry_tokens_max + configuration_tokens_max);
      !parsed) {
    return raft::unexpected(decode_error{"entry: " + parsed.error().what});
  }
  cursor c(fields);
  raft::entry_ptr e = take_entry(c, std::make_shared<const raft::bytes>(record));
  if (!c.ok()) {
    return raft::unexpected(c.error());
  }
  return e;
}

std::string encode_configuration(const raft::configuration& c) {
  std::string out;
  string_sink sink{out};
  string_packer p(sink);
  pack_configuration(p, c);
  return out;
}

raft::expected<raft::configuration, decode_error> decode_configuration(std::string_view record) {
  tape fields;
  if (auto parsed = fields.parse_whole(record, configuration_tokens_max); !parsed) {
    return raft::unexpected(decode_error{"configuration: " + parsed.error().what});
  }
  cursor c(fields);
  raft::configuration taken = take_configuration(c);
  if (!c.ok()) {
    return raft::unexpected(c.error());
  }
  return taken;
}

}  // namespace troupe::codec
