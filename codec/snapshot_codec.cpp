#include "codec/snapshot_codec.hpp"

#include "codec/packing.hpp"
#include "codec/tape.hpp"

namespace troupe::codec {
namespace {

constexpr std::uint32_t part_fields = 5;
constexpr std::size_t file_bytes_max = 128;

}  // namespace

std::string encode_part(const snapshot_part& part) {
  std::string out;
  out.reserve(part.data.size() + part.file.size() + 40);
  string_sink sink{out};
  string_packer p(sink);
  p.pack_array(part_fields);
  p.pack_uint8(static_cast<std::uint8_t>(part.step));
  p.pack_uint64(part.transfer);
  pack_text(p, part.file);
  p.pack_uint64(part.offset);
  pack_binary(p, part.data.view());
  return out;
}

raft::expected<snapshot_part, decode_error> decode_part(const raft::bytes& record) {
  tape fields;
  if (auto parsed = fields.parse_whole(record.view(), 1 + part_fields); !parsed) {
    return raft::unexpected(decode_error{"part: " + parsed.error().what});
  }
  cursor c(fields);
  snapshot_part part;
  c.array("part", part_fields, part_fields);
  part.step = static_cast<snapshot_step>(
      c.number("part.step", static_cast<std::uint64_t>(snapshot_step::finish)));
  part.transfer = c.number("part.transfer");
  part.file = c.text("part.file", file_bytes_max);
  part.offset = c.number("part.offset");
  part.data = part_of(std::make_shared<const raft::bytes>(record), c.binary("part.data"));
  if (c.ok() && (part.step == snapshot_step{} || part.transfer == 0)) {
    c.refuse("part", "step and transfer must not be 0");
  }
  if (c.ok() && part.step == snapshot_step::chunk && part.data.size() > snapshot_chunk_bytes_max) {
    c.refuse("part.data", std::to_string(part.data.size()) + " bytes, at most " +
                              std::to_string(snapshot_chunk_bytes_max));
  }
  if (!c.ok()) {
    return raft::unexpected(c.error());
  }
  return part;
}

}  // namespace troupe::codec
