#include "processors/configuration_messages.hpp"

#include "processors/configuration_forms.hpp"

namespace troupe::processors::config {

namespace {

constexpr std::string_view item_record = "ITEM";
constexpr std::string_view history_record = "HISTORY";
/// Of the answers to changes.
constexpr std::string_view write_verb = "WRITE";

/// An array of none or one.
void write_optional(payload_writer& w, const std::optional<std::string_view>& text) {
  w.array(text ? 1 : 0);
  if (text) w.text(*text);
}

void write_optional(payload_writer& w, const std::optional<std::vector<std::string_view>>& texts) {
  w.array(texts ? 1 : 0);
  if (texts) write(w, *texts);
}

std::optional<std::string_view> read_optional(payload_reader& r, std::string_view field,
                                              std::size_t bytes_max) {
  if (r.array(field, 1) == 0) return std::nullopt;
  return r.text(field, bytes_max);
}

publish read_publish(payload_reader& r) {
  publish c;
  c.key = read_key(r);
  c.content = r.binary("content", content_bytes_max);
  if (r.ok() && c.content.empty()) r.fail("content: is empty");
  c.md5 = r.text("md5", md5_bytes);
  c.type = r.text("type", type_bytes_max);
  c.encrypted_key = r.text("encrypted data key", encrypted_key_bytes_max);
  c.app_name = read_optional(r, "app name", short_text_bytes_max);
  c.description = read_optional(r, "description", short_text_bytes_max);
  c.use = read_optional(r, "use", short_text_bytes_max);
  c.effect = read_optional(r, "effect", short_text_bytes_max);
  c.schema = read_optional(r, "schema", schema_bytes_max);
  if (r.array("tags", 1) == 1) c.tags = read_texts(r, "tags", tags_max, tag_bytes_max);
  c.expected_md5 = read_optional(r, "expected md5", md5_bytes);
  c.source = read_source(r);
  c.stamp = read_stamp(r);
  return c;
}

remove read_remove(payload_reader& r) {
  remove c;
  c.key = read_key(r);
  c.source = read_source(r);
  c.stamp = read_stamp(r);
  return c;
}

remove_ids read_remove_ids(payload_reader& r) {
  remove_ids c;
  const auto count = r.array("ids", ids_max);
  for (std::size_t i = 0; i < count && r.ok(); ++i) c.ids.push_back(r.integer("id"));
  c.source = read_source(r);
  c.stamp = read_stamp(r);
  return c;
}

history_trim read_history_trim(payload_reader& r) {
  history_trim c;
  c.from_ms = r.integer("from_ms", stamp_ms_max);
  c.before_ms = r.integer("before_ms", stamp_ms_max);
  return c;
}

}  // namespace

std::string encode(const publish& c) {
  auto w = begin(payload_kind::command, verb_publish, 14);
  write(w, c.key);
  w.binary(c.content).text(c.md5).text(c.type).text(c.encrypted_key);
  write_optional(w, c.app_name);
  write_optional(w, c.description);
  write_optional(w, c.use);
  write_optional(w, c.effect);
  write_optional(w, c.schema);
  write_optional(w, c.tags);
  write_optional(w, c.expected_md5);
  write(w, c.source);
  write_stamp(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const remove& c) {
  auto w = begin(payload_kind::command, verb_remove, 3);
  write(w, c.key);
  write(w, c.source);
  write_stamp(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const remove_ids& c) {
  auto w = begin(payload_kind::command, verb_remove_ids, 3);
  w.array(static_cast<std::uint32_t>(c.ids.size()));
  for (const auto id : c.ids) w.integer(id);
  write(w, c.source);
  write_stamp(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const history_trim& c) {
  auto w = begin(payload_kind::command, verb_history_trim, 2);
  w.integer(c.from_ms).integer(c.before_ms);
  return std::move(w).take();
}

std::string encode(const write_reply& r) {
  auto w = begin(payload_kind::reply, write_verb, 3);
  w.boolean(r.done).integer(r.existed).text(r.md5);
  return std::move(w).take();
}

std::string encode(const trim_reply& r) {
  auto w = begin(payload_kind::reply, verb_history_trim, 3);
  w.integer(r.erased).boolean(r.more).integer(r.reached_ms);
  return std::move(w).take();
}

std::string encode_record(const item& i) {
  auto w = begin(payload_kind::record, item_record, 1);
  write(w, i);
  return std::move(w).take();
}

std::string encode_record(const history_row& row) {
  auto w = begin(payload_kind::record, history_record, 1);
  write(w, row);
  return std::move(w).take();
}

decoded<change> decode_change(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::command);
  const auto verb = r.text("verb");
  if (verb == verb_publish) return finished<change>(r, read_publish(r));
  if (verb == verb_remove) return finished<change>(r, read_remove(r));
  if (verb == verb_remove_ids) return finished<change>(r, read_remove_ids(r));
  if (verb == verb_history_trim) return finished<change>(r, read_history_trim(r));
  r.fail("verb: " + std::string(verb) + " is unknown");
  return raft::unexpected(r.error());
}

decoded<write_reply> decode_write_reply(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::reply);
  expect(r, write_verb);
  write_reply reply;
  reply.done = r.boolean("done");
  reply.existed = r.integer("existed");
  reply.md5 = r.text("md5", md5_bytes);
  return finished(r, reply);
}

decoded<trim_reply> decode_trim_reply(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::reply);
  expect(r, verb_history_trim);
  trim_reply reply;
  reply.erased = r.integer("erased");
  reply.more = r.boolean("more");
  reply.reached_ms = r.integer("reached_ms");
  return finished(r, reply);
}

decoded<item> decode_item(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::record);
  expect(r, item_record);
  auto i = read_item(r);
  return finished(r, std::move(i));
}

decoded<history_row> decode_history_row(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::record);
  expect(r, history_record);
  auto row = read_history_row(r);
  return finished(r, std::move(row));
}

}  // namespace troupe::processors::config
