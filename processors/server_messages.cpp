#include "processors/server_messages.hpp"

#include "processors/configuration_part.hpp"
#include "processors/payload.hpp"

namespace troupe::processors::servers {

namespace {

constexpr std::uint32_t format_version = configuration_format;

template <class T>
using decoded = raft::expected<T, codec::decode_error>;

template <class T>
decoded<T> finished(payload_reader& r, T value) {
  r.finish();
  if (!r.ok()) return raft::unexpected(r.error());
  return value;
}

std::string_view read_address(payload_reader& r) {
  const auto address = r.text("address", address_bytes_max);
  if (address.find(':') == std::string_view::npos) r.fail("address: is not host:port");
  return address;
}

}  // namespace

std::string encode(const announcement& c) {
  payload_writer w(format_version, payload_kind::command, 4);
  w.text(verb_announce).integer(c.node.value()).text(c.address).text(c.version);
  return std::move(w).take();
}

std::string encode_record(const record& r) {
  payload_writer w(format_version, payload_kind::record, 3);
  w.text(r.address).text(r.version).integer(r.announced.value());
  return std::move(w).take();
}

decoded<announcement> decode_command(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  if (const auto verb = r.text("verb"); verb != verb_announce) {
    r.fail("verb: " + std::string(verb) + " is unknown");
  }
  announcement c;
  c.node = raft::node_id{r.integer("node id")};
  if (c.node.is_none()) r.fail("node id: is none");
  c.address = read_address(r);
  c.version = r.text("version", version_bytes_max);
  return finished(r, c);
}

decoded<record> decode_record(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::record);
  record out;
  out.address = read_address(r);
  out.version = r.text("version", version_bytes_max);
  out.announced = raft::log_index{r.integer("announced")};
  return finished(r, out);
}

}  // namespace troupe::processors::servers
