#include "processors/namespace_messages.hpp"

#include "processors/configuration_part.hpp"
#include "processors/payload.hpp"

namespace troupe::processors::spaces {

namespace {

constexpr std::uint32_t format_version = configuration_format;
constexpr std::size_t reply_fields_max = 8 * list_limit_max;

/// Of replies and records: on the wire and on disk, never renumber.
enum class operation : std::uint8_t { write = 1, list = 2, record = 3 };

template <class T>
using decoded = raft::expected<T, codec::decode_error>;

std::uint64_t number_of(operation o) {
  return static_cast<std::uint64_t>(o);
}

void expect(payload_reader& r, operation o) {
  if (r.integer("operation") != number_of(o)) r.fail("operation: answers something else");
}

template <class T>
decoded<T> finished(payload_reader& r, T value) {
  r.finish();
  if (!r.ok()) return raft::unexpected(r.error());
  return value;
}

std::string_view read_id(payload_reader& r) {
  const auto id = r.text("namespace id", id_bytes_max);
  if (id.empty()) r.fail("namespace id: is empty");
  if (id.find('\0') != std::string_view::npos) r.fail("namespace id: holds a NUL byte");
  return id;
}

record read_record(payload_reader& r) {
  record out;
  out.show_name = r.text("show name", show_name_bytes_max);
  out.description = r.text("description", description_bytes_max);
  return out;
}

}  // namespace

std::string encode(const command& c) {
  payload_writer w(format_version, payload_kind::command, 4);
  w.text(c.verb).text(c.id).text(c.record.show_name).text(c.record.description);
  return std::move(w).take();
}

std::string encode(const write_reply& r) {
  payload_writer w(format_version, payload_kind::reply, 2);
  w.integer(number_of(operation::write)).boolean(r.changed);
  return std::move(w).take();
}

std::string encode(const list& q) {
  payload_writer w(format_version, payload_kind::query, 3);
  w.text(query_list).text(q.after).integer(q.limit);
  return std::move(w).take();
}

std::string encode(const list_reply& r) {
  payload_writer w(format_version, payload_kind::reply, 3);
  w.integer(number_of(operation::list)).array(static_cast<std::uint32_t>(r.items.size()));
  for (const auto& i : r.items) {
    w.array(3).text(i.id).text(i.record.show_name).text(i.record.description);
  }
  w.boolean(r.more);
  return std::move(w).take();
}

std::string encode_record(const record& r) {
  payload_writer w(format_version, payload_kind::record, 3);
  w.integer(number_of(operation::record)).text(r.show_name).text(r.description);
  return std::move(w).take();
}

decoded<command> decode_command(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  command c;
  c.verb = r.text("verb");
  if (c.verb != verb_add && c.verb != verb_update && c.verb != verb_remove) {
    r.fail("verb: " + std::string(c.verb) + " is unknown");
  }
  c.id = read_id(r);
  c.record = read_record(r);
  return finished(r, c);
}

decoded<write_reply> decode_write_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  expect(r, operation::write);
  return finished(r, write_reply{r.boolean("changed")});
}

decoded<list> decode_query(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::query);
  if (const auto verb = r.text("verb"); verb != query_list) {
    r.fail("verb: " + std::string(verb) + " is unknown");
  }
  list q;
  q.after = r.text("after", id_bytes_max);
  q.limit = static_cast<std::uint32_t>(r.integer("limit", list_limit_max));
  if (q.limit == 0) r.fail("limit: is below 1");
  return finished(r, q);
}

decoded<list_reply> decode_list_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply, reply_fields_max);
  expect(r, operation::list);
  list_reply out;
  const auto items = r.array("namespaces", list_limit_max);
  for (std::size_t i = 0; i < items && r.ok(); ++i) {
    r.tuple("namespace", 3);
    const auto id = read_id(r);
    out.items.push_back({id, read_record(r)});
  }
  out.more = r.boolean("more");
  return finished(r, std::move(out));
}

decoded<record> decode_record(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::record);
  expect(r, operation::record);
  return finished(r, read_record(r));
}

}  // namespace troupe::processors::spaces
