#include "processors/naming_switch_messages.hpp"

#include "processors/naming_fields.hpp"
#include "processors/switch_values.hpp"

namespace troupe::processors::naming {

namespace {

/// On the wire: never renumber.
constexpr std::uint64_t operation_list = 2;

}  // namespace

std::string encode(const write_switch& c) {
  auto w = begin_command(verb_write);
  w.array(2).text(c.entry).text(c.value);
  write(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const list_switches&) {
  return std::move(begin(payload_kind::query, operation_list, 0)).take();
}

std::string encode(const switches_reply& r) {
  auto w = begin(payload_kind::reply, operation_list, 1);
  w.array(static_cast<std::uint32_t>(r.written.size()));
  for (const auto& [field, value] : r.written) w.array(2).text(field).text(value);
  return std::move(w).take();
}

decoded<write_switch> decode_write_switch(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  expect_verb(r, verb_write);
  r.tuple("request", 2);
  write_switch c;
  c.entry = read_name(r, "entry", switch_entry_bytes_max);
  c.value = r.text("value", switch_value_bytes_max);
  c.stamp = read_stamp(r);
  return finished(r, c);
}

decoded<list_switches> decode_switches_query(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::query);
  expect(r, operation_list);
  return finished(r, list_switches{});
}

decoded<switches_reply> decode_switches_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  expect(r, operation_list);
  switches_reply reply;
  const auto count = r.array("switches", switch_fields_max);
  reply.written.reserve(count);
  for (std::size_t i = 0; i < count && r.ok(); ++i) {
    r.tuple("switch", 2);
    const auto field = r.text("field");
    reply.written.emplace_back(field, r.text("value"));
  }
  return finished(r, std::move(reply));
}

}  // namespace troupe::processors::naming
