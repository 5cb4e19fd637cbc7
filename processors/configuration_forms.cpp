#include "processors/configuration_forms.hpp"

#include <utility>

namespace troupe::processors::config {

void write(payload_writer& w, const item_key& k) {
  w.array(3).text(k.tenant).text(k.config_group).text(k.data_id);
}

void write(payload_writer& w, const std::vector<std::string_view>& texts) {
  w.array(static_cast<std::uint32_t>(texts.size()));
  for (const auto t : texts) w.text(t);
}

void write(payload_writer& w, const source& s) {
  w.array(2).text(s.address).text(s.user);
}

void write(payload_writer& w, const item& i) {
  w.array(16);
  write(w, i.key);
  w.integer(i.id).text(i.md5).integer(i.content_bytes).text(i.type).text(i.app_name);
  w.text(i.description).text(i.use).text(i.effect).text(i.schema);
  write(w, i.tags);
  w.text(i.encrypted_key).integer(i.created_ms).integer(i.modified_ms);
  w.text(i.created_by).text(i.created_from);
}

void write(payload_writer& w, const history_row& r) {
  const auto operation = static_cast<char>(r.operation);
  w.array(5).integer(r.id).text({&operation, 1});
  write(w, r.source);
  w.integer(r.stamped_ms);
  write(w, r.item);
}

std::string_view read_name(payload_reader& r, std::string_view field, std::size_t bytes_max) {
  const auto text = r.text(field, bytes_max);
  if (text.find('\0') != std::string_view::npos) r.fail(std::string(field) + ": holds a NUL byte");
  return text;
}

std::vector<std::string_view> read_texts(payload_reader& r, std::string_view field,
                                         std::size_t count_max, std::size_t bytes_max) {
  const auto count = r.array(field, count_max);
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < count && r.ok(); ++i) out.push_back(r.text(field, bytes_max));
  return out;
}

item_key read_key(payload_reader& r) {
  r.tuple("key", 3);
  item_key k;
  k.tenant = read_name(r, "tenant", tenant_bytes_max);
  k.config_group = read_name(r, "group", config_group_bytes_max);
  k.data_id = read_name(r, "data id", data_id_bytes_max);
  if (r.ok() && k.config_group.empty()) r.fail("group: is empty");
  if (r.ok() && k.data_id.empty()) r.fail("data id: is empty");
  return k;
}

source read_source(payload_reader& r) {
  r.tuple("source", 2);
  source s;
  s.address = r.text("address", short_text_bytes_max);
  s.user = r.text("user", short_text_bytes_max);
  return s;
}

item read_item(payload_reader& r) {
  r.tuple("item", 16);
  item i;
  i.key = read_key(r);
  i.id = r.integer("id");
  i.md5 = r.text("md5", md5_bytes);
  i.content_bytes = r.integer("content bytes", content_bytes_max);
  i.type = r.text("type", type_bytes_max);
  i.app_name = r.text("app name", short_text_bytes_max);
  i.description = r.text("description", short_text_bytes_max);
  i.use = r.text("use", short_text_bytes_max);
  i.effect = r.text("effect", short_text_bytes_max);
  i.schema = r.text("schema", schema_bytes_max);
  i.tags = read_texts(r, "tags", tags_max, tag_bytes_max);
  i.encrypted_key = r.text("encrypted data key", encrypted_key_bytes_max);
  i.created_ms = r.integer("created_ms", stamp_ms_max);
  i.modified_ms = r.integer("modified_ms", stamp_ms_max);
  i.created_by = r.text("created by", short_text_bytes_max);
  i.created_from = r.text("created from", short_text_bytes_max);
  return i;
}

history_row read_history_row(payload_reader& r) {
  r.tuple("history row", 5);
  history_row row;
  row.id = r.integer("row id");
  const auto operation = r.text("history operation", 1);
  if (operation == "I" || operation == "U" || operation == "D") {
    row.operation = static_cast<history_operation>(operation[0]);
  } else {
    r.fail("history operation: is none of I, U, D");
  }
  row.source = read_source(r);
  row.stamped_ms = r.integer("stamped_ms", stamp_ms_max);
  row.item = read_item(r);
  return row;
}

}  // namespace troupe::processors::config
