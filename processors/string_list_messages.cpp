#include "processors/string_list_messages.hpp"

#include "processors/payload.hpp"

namespace troupe::processors::strings {

namespace {

constexpr std::uint32_t format_version = 1;

/// In the log (push_back, remove, clear) and on the wire: never renumber.
enum class operation : std::uint8_t { push_back = 1, remove = 2, clear = 3, range = 4, length = 5 };

template <class T>
using decoded = raft::expected<T, codec::decode_error>;

std::uint64_t number_of(operation o) {
  return static_cast<std::uint64_t>(o);
}

payload_writer begin(payload_kind kind, operation o, std::uint32_t fields) {
  payload_writer w(format_version, kind, fields + 1);
  w.integer(number_of(o));
  return w;
}

std::string_view read_name(payload_reader& r) {
  const auto name = r.binary("name", name_bytes_max);
  if (name.empty()) r.fail("name: is empty");
  return name;
}

template <class Variant>
decoded<Variant> finished(payload_reader& r, Variant value) {
  r.finish();
  if (!r.ok()) return raft::unexpected(r.error());
  return value;
}

void write_elements(payload_writer& w, const std::vector<std::string_view>& elements) {
  w.array(static_cast<std::uint32_t>(elements.size()));
  for (const auto element : elements) w.binary(element);
}

std::vector<std::string_view> read_elements(payload_reader& r, std::size_t count_max) {
  const auto count = r.array("elements", count_max);
  std::vector<std::string_view> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count && r.ok(); ++i) {
    out.push_back(r.binary("element", element_bytes_max));
  }
  return out;
}

}  // namespace

std::string encode(const push_back& c) {
  auto w = begin(payload_kind::command, operation::push_back, 2);
  w.binary(c.name);
  write_elements(w, c.elements);
  return std::move(w).take();
}

std::string encode(const remove& c) {
  auto w = begin(payload_kind::command, operation::remove, 3);
  w.binary(c.name).binary(c.element).integer(c.count_max);
  return std::move(w).take();
}

std::string encode(const clear& c) {
  auto w = begin(payload_kind::command, operation::clear, 1);
  w.binary(c.name);
  return std::move(w).take();
}

std::string encode(const write_reply& r) {
  auto w = begin(payload_kind::reply, operation::push_back, 2);
  w.integer(r.changed).integer(r.length);
  return std::move(w).take();
}

std::string encode(const range& q) {
  auto w = begin(payload_kind::query, operation::range, 3);
  w.binary(q.name).integer(q.from).integer(q.limit);
  return std::move(w).take();
}

std::string encode(const length& q) {
  auto w = begin(payload_kind::query, operation::length, 1);
  w.binary(q.name);
  return std::move(w).take();
}

std::string encode(const range_reply& r) {
  auto w = begin(payload_kind::reply, operation::range, 2);
  w.integer(r.length);
  write_elements(w, r.elements);
  return std::move(w).take();
}

decoded<command> decode_command(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  const auto which = r.integer("operation");
  if (which == number_of(operation::push_back)) {
    push_back c;
    c.name = read_name(r);
    c.elements = read_elements(r, push_elements_max);
    if (c.elements.empty()) r.fail("elements: are empty");
    return finished<command>(r, std::move(c));
  }
  if (which == number_of(operation::remove)) {
    remove c;
    c.name = read_name(r);
    c.element = r.binary("element", element_bytes_max);
    c.count_max = r.integer("count_max");
    return finished<command>(r, c);
  }
  if (which == number_of(operation::clear)) {
    clear c;
    c.name = read_name(r);
    return finished<command>(r, c);
  }
  r.fail("operation: " + std::to_string(which) + " is unknown");
  return raft::unexpected(r.error());
}

decoded<query> decode_query(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::query);
  const auto which = r.integer("operation");
  if (which == number_of(operation::range)) {
    range q;
    q.name = read_name(r);
    q.from = r.integer("from");
    q.limit = static_cast<std::uint32_t>(r.integer("limit", range_limit_max));
    if (q.limit == 0) r.fail("limit: is not between 1 and " + std::to_string(range_limit_max));
    return finished<query>(r, q);
  }
  if (which == number_of(operation::length)) {
    length q;
    q.name = read_name(r);
    return finished<query>(r, q);
  }
  r.fail("operation: " + std::to_string(which) + " is unknown");
  return raft::unexpected(r.error());
}

decoded<write_reply> decode_write_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  if (r.integer("operation") != number_of(operation::push_back)) r.fail("operation: not a write");
  write_reply reply;
  reply.changed = r.integer("changed");
  reply.length = r.integer("length");
  return finished(r, reply);
}

decoded<range_reply> decode_range_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  if (r.integer("operation") != number_of(operation::range)) r.fail("operation: not a range");
  range_reply reply;
  reply.length = r.integer("length");
  reply.elements = read_elements(r, range_limit_max);
  return finished(r, std::move(reply));
}

}  // namespace troupe::processors::strings
