#include "processors/key_value_messages.hpp"

#include <algorithm>
#include <iterator>

#include "codec/msgpack_head.hpp"
#include "processors/payload.hpp"

namespace troupe::processors::kv {

namespace {

constexpr std::uint32_t format_version = 1;
/// What a message has beside its texts, at the most.
constexpr std::size_t other_bytes = 40;

/// In the log (put, erase) and on the wire: never renumber.
enum class operation : std::uint8_t { put = 1, erase = 2, get = 3, list = 4 };

template <class T>
using decoded = raft::expected<T, codec::decode_error>;

std::uint64_t number_of(operation o) {
  return static_cast<std::uint64_t>(o);
}

/// `texts`: bytes of the keys and values among the fields.
payload_writer begin(payload_kind kind, operation o, std::uint32_t fields, std::size_t texts = 0) {
  payload_writer w(format_version, kind, fields + 1, texts + other_bytes);
  w.integer(number_of(o));
  return w;
}

void write(payload_writer& w, const condition& c) {
  w.integer(static_cast<std::uint64_t>(c.kind)).integer(c.version.value());
}

condition read_condition(payload_reader& r) {
  condition c;
  c.kind = static_cast<condition_kind>(r.integer("condition", 3));
  c.version = raft::log_index{r.integer("condition version")};
  return c;
}

std::string_view read_key(payload_reader& r) {
  const auto key = r.binary("key", key_bytes_max);
  if (key.empty()) r.fail("key: is empty");
  return key;
}

template <class Variant>
decoded<Variant> finished(payload_reader& r, Variant value) {
  r.finish();
  if (!r.ok()) return raft::unexpected(r.error());
  return value;
}

void expect(payload_reader& r, operation o) {
  if (r.integer("operation") != number_of(o)) r.fail("operation: answers something else");
}

}  // namespace

std::string encode(const put& c) {
  auto w = begin(payload_kind::command, operation::put, 4, c.key.size() + c.value.size());
  w.binary(c.key).binary(c.value);
  write(w, c.condition);
  return std::move(w).take();
}

std::string encode(const erase& c) {
  auto w = begin(payload_kind::command, operation::erase, 3, c.key.size());
  w.binary(c.key);
  write(w, c.condition);
  return std::move(w).take();
}

std::string encode(const write_reply& r) {
  auto w = begin(payload_kind::reply, operation::put, 3);
  w.boolean(r.swapped).boolean(r.existed).integer(r.version.value());
  return std::move(w).take();
}

std::string encode(const get& q) {
  auto w = begin(payload_kind::query, operation::get, 1, q.key.size());
  w.binary(q.key);
  return std::move(w).take();
}

std::string encode(const get_reply& r) {
  auto w = begin(payload_kind::reply, operation::get, 3, r.value.size());
  w.boolean(r.found).integer(r.version.value()).binary(r.value);
  return std::move(w).take();
}

std::string encode(const list& q) {
  auto w = begin(payload_kind::query, operation::list, 3);
  w.binary(q.prefix).binary(q.from).integer(q.limit);
  return std::move(w).take();
}

std::string encode(const list_reply& r) {
  auto w = begin(payload_kind::reply, operation::list, 3);
  w.boolean(r.next.has_value()).binary(r.next.value_or(std::string_view{}));
  w.array(static_cast<std::uint32_t>(r.items.size()));
  for (const auto& i : r.items) w.array(3).binary(i.key).integer(i.version.value()).binary(i.value);
  return std::move(w).take();
}

decoded<command> decode_command(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  const auto which = r.integer("operation");
  if (which == number_of(operation::put)) {
    put c;
    c.key = read_key(r);
    c.value = r.binary("value", value_bytes_max);
    c.condition = read_condition(r);
    return finished<command>(r, c);
  }
  if (which == number_of(operation::erase)) {
    erase c;
    c.key = read_key(r);
    c.condition = read_condition(r);
    return finished<command>(r, c);
  }
  r.fail("operation: " + std::to_string(which) + " is unknown");
  return raft::unexpected(r.error());
}

decoded<query> decode_query(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::query);
  const auto which = r.integer("operation");
  if (which == number_of(operation::get)) {
    get q;
    q.key = read_key(r);
    return finished<query>(r, q);
  }
  if (which == number_of(operation::list)) {
    list q;
    q.prefix = r.binary("prefix", key_bytes_max);
    q.from = r.binary("from", key_bytes_max);
    q.limit = static_cast<std::uint32_t>(r.integer("limit", list_limit_max));
    if (q.limit == 0) r.fail("limit: is not between 1 and " + std::to_string(list_limit_max));
    return finished<query>(r, q);
  }
  r.fail("operation: " + std::to_string(which) + " is unknown");
  return raft::unexpected(r.error());
}

bool is_list(std::string_view query) {
  codec::head_reader in(query);
  if (in.next().kind != codec::head_kind::array) return false;
  const std::uint64_t begins[] = {format_version, static_cast<std::uint64_t>(payload_kind::query),
                                  number_of(operation::list)};
  return std::all_of(std::begin(begins), std::end(begins), [&](std::uint64_t wanted) {
    const auto found = in.next();
    return found.kind == codec::head_kind::number && found.number == wanted;
  });
}

decoded<write_reply> decode_write_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  expect(r, operation::put);
  write_reply reply;
  reply.swapped = r.boolean("swapped");
  reply.existed = r.boolean("existed");
  reply.version = raft::log_index{r.integer("version")};
  return finished(r, reply);
}

decoded<get_reply> decode_get_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  expect(r, operation::get);
  get_reply reply;
  reply.found = r.boolean("found");
  reply.version = raft::log_index{r.integer("version")};
  reply.value = r.binary("value");
  return finished(r, reply);
}

decoded<list_reply> decode_list_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  expect(r, operation::list);
  list_reply reply;
  const bool more = r.boolean("more");
  const auto next = r.binary("next", key_bytes_max);
  if (more) reply.next = next;
  const auto count = r.array("items", list_limit_max);
  reply.items.reserve(count);
  for (std::size_t i = 0; i < count && r.ok(); ++i) {
    r.tuple("item", 3);
    item found;
    found.key = read_key(r);
    found.version = raft::log_index{r.integer("version")};
    found.value = r.binary("value");
    reply.items.push_back(found);
  }
  return finished(r, std::move(reply));
}

}  // namespace troupe::processors::kv
