#include "processors/configuration_queries.hpp"

#include "processors/configuration_forms.hpp"

namespace troupe::processors::config {

namespace {

/// Our own replies only: every configuration of a namespace with all its fields.
constexpr std::size_t reply_fields_max = 40 * listed_items_max;

void write(payload_writer& w, const page_wanted& p) {
  w.array(2).integer(p.number).integer(p.size);
}

page_wanted read_page(payload_reader& r) {
  r.tuple("page", 2);
  page_wanted p;
  p.number = r.integer("page number", page_number_max);
  p.size = r.integer("page size", page_size_max);
  if (r.ok() && (p.number == 0 || p.size == 0)) r.fail("page: number and size are from 1");
  return p;
}

search read_search(payload_reader& r) {
  search q;
  q.tenant = read_name(r, "tenant", tenant_bytes_max);
  q.config_group = read_name(r, "group", config_group_bytes_max);
  q.data_id = read_name(r, "data id", data_id_bytes_max);
  q.blur = r.boolean("blur");
  q.app_name = r.text("app name", short_text_bytes_max);
  q.content = r.text("content", search_text_bytes_max);
  q.tags = read_texts(r, "tags", ids_max, tag_bytes_max);
  q.types = read_texts(r, "types", ids_max, type_bytes_max);
  q.page = read_page(r);
  return q;
}

history read_history(payload_reader& r) {
  history q;
  q.key = read_key(r);
  q.page = read_page(r);
  return q;
}

previous_history_row read_previous(payload_reader& r) {
  previous_history_row q;
  q.key = read_key(r);
  q.item_id = r.integer("item id");
  return q;
}

template <class T, class Read>
std::vector<T> read_list(payload_reader& r, std::string_view field, std::size_t count_max,
                         Read read) {
  const auto count = r.array(field, count_max);
  std::vector<T> out;
  for (std::size_t i = 0; i < count && r.ok(); ++i) out.push_back(read(r));
  return out;
}

found_item read_found(payload_reader& r) {
  found_item f;
  r.tuple("found", 2);
  f.item = read_item(r);
  f.content = r.binary("content", content_bytes_max);
  return f;
}

}  // namespace

std::string encode(const get& q) {
  auto w = begin(payload_kind::query, query_get, 1);
  write(w, q.key);
  return std::move(w).take();
}

std::string encode(const get_reply& r) {
  auto w = begin(payload_kind::reply, query_get, 2);
  w.array(r.item ? 1 : 0);
  if (r.item) write(w, *r.item);
  w.binary(r.content);
  return std::move(w).take();
}

std::string encode(const search& q) {
  auto w = begin(payload_kind::query, query_search, 9);
  w.text(q.tenant).text(q.config_group).text(q.data_id).boolean(q.blur);
  w.text(q.app_name).text(q.content);
  write(w, q.tags);
  write(w, q.types);
  write(w, q.page);
  return std::move(w).take();
}

std::string encode(const search_reply& r) {
  auto w = begin(payload_kind::reply, query_search, 2);
  w.integer(r.total).array(static_cast<std::uint32_t>(r.items.size()));
  for (const auto& f : r.items) {
    w.array(2);
    write(w, f.item);
    w.binary(f.content);
  }
  return std::move(w).take();
}

std::string encode(const list& q) {
  auto w = begin(payload_kind::query, query_list, 1);
  w.text(q.tenant);
  return std::move(w).take();
}

std::string encode(const list_reply& r) {
  auto w = begin(payload_kind::reply, query_list, 1);
  w.array(static_cast<std::uint32_t>(r.items.size()));
  for (const auto& i : r.items) write(w, i);
  return std::move(w).take();
}

std::string encode(const history& q) {
  auto w = begin(payload_kind::query, query_history, 2);
  write(w, q.key);
  write(w, q.page);
  return std::move(w).take();
}

std::string encode(const history_reply& r) {
  auto w = begin(payload_kind::reply, query_history, 2);
  w.integer(r.total).array(static_cast<std::uint32_t>(r.rows.size()));
  for (const auto& row : r.rows) write(w, row);
  return std::move(w).take();
}

std::string encode(const get_history_row& q) {
  auto w = begin(payload_kind::query, query_history_row, 1);
  w.integer(q.id);
  return std::move(w).take();
}

std::string encode(const previous_history_row& q) {
  auto w = begin(payload_kind::query, query_history_previous, 2);
  write(w, q.key);
  w.integer(q.item_id);
  return std::move(w).take();
}

std::string encode(const history_row_reply& r) {
  auto w = begin(payload_kind::reply, query_history_row, 2);
  w.array(r.row ? 1 : 0);
  if (r.row) write(w, *r.row);
  w.binary(r.content);
  return std::move(w).take();
}

decoded<question> decode_question(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::query);
  const auto verb = r.text("verb");
  if (verb == query_get) return finished<question>(r, get{read_key(r)});
  if (verb == query_search) return finished<question>(r, read_search(r));
  if (verb == query_list)
    return finished<question>(r, list{read_name(r, "tenant", tenant_bytes_max)});
  if (verb == query_history) return finished<question>(r, read_history(r));
  if (verb == query_history_row) return finished<question>(r, get_history_row{r.integer("id")});
  if (verb == query_history_previous) return finished<question>(r, read_previous(r));
  r.fail("verb: " + std::string(verb) + " is unknown");
  return raft::unexpected(r.error());
}

decoded<get_reply> decode_get_reply(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::reply);
  expect(r, query_get);
  get_reply reply;
  if (r.array("item", 1) == 1) reply.item = read_item(r);
  reply.content = r.binary("content", content_bytes_max);
  return finished(r, std::move(reply));
}

decoded<search_reply> decode_search_reply(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::reply, reply_fields_max);
  expect(r, query_search);
  search_reply reply;
  reply.total = r.integer("total");
  reply.items = read_list<found_item>(r, "items", page_size_max, read_found);
  return finished(r, std::move(reply));
}

decoded<list_reply> decode_list_reply(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::reply, reply_fields_max);
  expect(r, query_list);
  list_reply reply;
  reply.items = read_list<item>(r, "items", listed_items_max, read_item);
  return finished(r, std::move(reply));
}

decoded<history_reply> decode_history_reply(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::reply, reply_fields_max);
  expect(r, query_history);
  history_reply reply;
  reply.total = r.integer("total");
  reply.rows = read_list<history_row>(r, "rows", page_size_max, read_history_row);
  return finished(r, std::move(reply));
}

decoded<history_row_reply> decode_history_row_reply(std::string_view bytes) {
  payload_reader r(bytes, configuration_format, payload_kind::reply);
  expect(r, query_history_row);
  history_row_reply reply;
  if (r.array("row", 1) == 1) reply.row = read_history_row(r);
  reply.content = r.binary("content", content_bytes_max);
  return finished(r, std::move(reply));
}

}  // namespace troupe::processors::config
