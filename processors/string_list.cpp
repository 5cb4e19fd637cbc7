#include "processors/string_list.hpp"

#include <utility>

#include "processors/fixed_width.hpp"

namespace troupe::processors {

namespace {

// On disk: do not change. Every number has 8 bytes, big-endian.
//   'l' name                          → format, next sequence, length, bytes: the head of a list
//   'e' name's length - 1, name, sequence → an element
// Sequences rise with every append and leave gaps where elements were removed.
constexpr char head_space = 'l';
constexpr char element_space = 'e';
constexpr char head_format = 1;

struct head {
  std::uint64_t next_sequence = 0;
  std::uint64_t length = 0;
  std::uint64_t bytes = 0;
};

std::string head_key(std::string_view name) {
  return head_space + std::string(name);
}

std::string element_prefix(std::string_view name) {
  std::string out{element_space, static_cast<char>(name.size() - 1)};
  return out.append(name);
}

std::optional<head> read_head(const persistence::state_view& view, std::string_view name) {
  const auto stored = view.get(head_key(name));
  if (!stored) return head{};
  const std::string_view s = *stored;
  if (s.size() != 1 + 3 * fixed_bytes || s[0] != head_format) return std::nullopt;
  return head{read_fixed(s.substr(1)), read_fixed(s.substr(1 + fixed_bytes)),
              read_fixed(s.substr(1 + 2 * fixed_bytes))};
}

/// An empty list leaves nothing behind.
void write_head(persistence::state_batch& batch, std::string_view name, const head& h) {
  if (h.length == 0) {
    batch.erase(head_key(name));
    return;
  }
  std::string out{head_format};
  append_fixed(out, h.next_sequence);
  append_fixed(out, h.length);
  append_fixed(out, h.bytes);
  batch.put(head_key(name), out);
}

reply changed(std::uint64_t count, const head& h) {
  return reply::ok(strings::encode(strings::write_reply{count, h.length}));
}

reply perform(const strings::push_back& c, head h, persistence::state_batch& batch) {
  if (h.length + c.elements.size() > strings::list_elements_max) {
    return reply::refused("strings: the list would have more than " +
                          std::to_string(strings::list_elements_max) + " elements");
  }
  const auto prefix = element_prefix(c.name);
  for (const auto element : c.elements) {
    auto key = prefix;
    append_fixed(key, h.next_sequence++);
    batch.put(key, element);
    h.bytes += element.size();
  }
  if (h.bytes > strings::list_bytes_max) {
    return reply::refused("strings: the list would have more than " +
                          std::to_string(strings::list_bytes_max) + " bytes");
  }
  h.length += c.elements.size();
  write_head(batch, c.name, h);
  return changed(c.elements.size(), h);
}

/// Erases the elements that `matches` picks, at most `count_max`.
template <class Matches>
reply remove_where(std::string_view name, std::uint64_t count_max, head h,
                   persistence::state_batch& batch, const Matches& matches) {
  // Collected first: a scan's iterator may not see the batch change under it.
  std::vector<std::string> doomed;
  batch.scan(element_prefix(name), {}, [&](std::string_view key, std::string_view element) {
    if (!matches(element)) return true;
    doomed.emplace_back(key);
    h.bytes -= element.size();
    return doomed.size() < count_max;
  });
  for (const auto& key : doomed) batch.erase(key);
  h.length -= doomed.size();
  if (!doomed.empty()) write_head(batch, name, h);
  return changed(doomed.size(), h);
}

reply perform(const strings::remove& c, head h, persistence::state_batch& batch) {
  const auto count_max = c.count_max == 0 ? UINT64_MAX : c.count_max;
  return remove_where(c.name, count_max, h, batch,
                      [&](std::string_view element) { return element == c.element; });
}

reply perform(const strings::clear& c, head h, persistence::state_batch& batch) {
  return remove_where(c.name, UINT64_MAX, h, batch, [](std::string_view) { return true; });
}

reply malformed_state() {
  return reply::refused("strings: a stored record has an unknown form");
}

reply answer(const strings::range& q, const head& h, const persistence::state_view& view) {
  std::vector<std::string> found;
  std::size_t found_bytes = 0;
  std::uint64_t position = 0;
  view.scan(element_prefix(q.name), {}, [&](std::string_view, std::string_view element) {
    if (position++ < q.from) return true;
    if (!found.empty() && found_bytes + element.size() > strings::range_bytes_max) return false;
    found_bytes += element.size();
    found.emplace_back(element);
    return found.size() < q.limit;
  });
  return reply::ok(strings::encode(strings::range_reply{h.length, {found.begin(), found.end()}}));
}

reply answer(const strings::length&, const head& h, const persistence::state_view&) {
  return reply::ok(strings::encode(strings::range_reply{h.length, {}}));
}

}  // namespace

reply string_list::apply(const command& entry, persistence::state_batch& batch) {
  const auto decoded = strings::decode_command(entry.data.view());
  if (!decoded) return reply::refused("strings: " + decoded.error().what);
  return std::visit(
      [&](const auto& c) {
        const auto h = read_head(batch, c.name);
        return h ? perform(c, *h, batch) : malformed_state();
      },
      *decoded);
}

reply string_list::query(std::string_view request, const persistence::state_view& view) const {
  const auto decoded = strings::decode_query(request);
  if (!decoded) return reply::refused("strings: " + decoded.error().what);
  return std::visit(
      [&](const auto& q) {
        const auto h = read_head(view, q.name);
        return h ? answer(q, *h, view) : malformed_state();
      },
      *decoded);
}

bool string_list::query_may_scan(std::string_view request) const {
  const auto decoded = strings::decode_query(request);
  return decoded && std::holds_alternative<strings::range>(*decoded);
}

}  // namespace troupe::processors
