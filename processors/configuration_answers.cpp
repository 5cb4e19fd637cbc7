#include "processors/configuration_answers.hpp"

#include <algorithm>

#include "processors/configuration_state.hpp"
#include "processors/wildcard.hpp"

namespace troupe::processors::config {

namespace {

raft::unexpected<std::string> malformed() {
  return raft::unexpected<std::string>("a stored record has an unknown form");
}

raft::unexpected<std::string> too_many_bytes() {
  return raft::unexpected("the page has more than " + std::to_string(page_bytes_max) +
                          " bytes: ask for a smaller one");
}

/// Whether the n-th of all that match, counted from 0, is on the page.
bool is_on(const page_wanted& page, std::uint64_t n) {
  return n / page.size == page.number - 1;
}

/// `wanted` empty: any.
bool fits(std::string_view wanted, std::string_view found, bool blur) {
  return wanted.empty() || (blur ? matches_wildcard(wanted, found) : wanted == found);
}

/// Blur: the content holds what the pattern says, with any characters around it.
bool content_fits(const search& q, std::string_view content) {
  if (q.content.empty()) return true;
  if (!q.blur) return content.find(q.content) != std::string_view::npos;
  return matches_wildcard("*" + std::string(q.content) + "*", content);
}

bool fits(const search& q, const item& i) {
  const auto has_tag = [&](std::string_view tag) {
    return std::find(i.tags.begin(), i.tags.end(), tag) != i.tags.end();
  };
  return fits(q.config_group, i.key.config_group, q.blur) &&
         fits(q.data_id, i.key.data_id, q.blur) && fits(q.app_name, i.app_name, q.blur) &&
         (q.tags.empty() || std::any_of(q.tags.begin(), q.tags.end(), has_tag)) &&
         (q.types.empty() || std::find(q.types.begin(), q.types.end(), i.type) != q.types.end());
}

std::string content_of(const persistence::state_view& view, const item_key& key) {
  return view.get(item_content_key(key)).value_or(std::string());
}

answered row_answer(std::uint64_t id, const persistence::state_view& view) {
  const auto stored = view.get(history_record_key(id));
  if (!stored) return encode(history_row_reply{});
  auto row = decode_history_row(*stored);
  if (!row) return malformed();
  const auto content = view.get(history_content_key(id)).value_or(std::string());
  return encode(history_row_reply{std::move(*row), content});
}

}  // namespace

answered answer(const get& q, const persistence::state_view& view) {
  const auto stored = view.get(item_record_key(q.key));
  if (!stored) return encode(get_reply{});
  auto found = decode_item(*stored);
  if (!found) return malformed();
  const auto content = content_of(view, q.key);
  return encode(get_reply{std::move(*found), content});
}

answered answer(const search& q, const persistence::state_view& view) {
  struct kept {
    std::string record;
    std::string content;
  };
  std::vector<kept> page;
  std::size_t bytes = 0;
  search_reply out;
  bool readable = true;
  const auto group = q.blur ? std::string_view() : q.config_group;
  view.scan(items_of(q.tenant, group), {}, [&](std::string_view, std::string_view stored) {
    const auto i = decode_item(stored);
    readable = i.has_value();
    if (!readable) return false;
    if (!fits(q, *i)) return true;
    const bool on_page = is_on(q.page, out.total);
    // Contents are large: they are read only where they are asked about or shown.
    std::string content;
    if (on_page || !q.content.empty()) content = content_of(view, i->key);
    if (!content_fits(q, content)) return true;
    ++out.total;
    if (!on_page) return true;
    bytes += stored.size() + content.size();
    page.push_back({std::string(stored), std::move(content)});
    return bytes <= page_bytes_max;
  });
  if (!readable) return malformed();
  if (bytes > page_bytes_max) return too_many_bytes();
  for (const auto& k : page) {
    auto i = decode_item(k.record);
    if (!i) return malformed();
    out.items.push_back({std::move(*i), k.content});
  }
  return encode(out);
}

answered answer(const list& q, const persistence::state_view& view) {
  std::vector<std::string> records;
  std::size_t bytes = 0;
  view.scan(items_of(q.tenant, {}), {}, [&](std::string_view, std::string_view stored) {
    const auto i = decode_item(stored);
    item brief;
    if (i) {
      brief.key = i->key;
      brief.id = i->id;
      brief.md5 = i->md5;
      brief.type = i->type;
      brief.app_name = i->app_name;
    }
    records.push_back(encode_record(brief));
    bytes += records.back().size();
    return records.size() <= listed_items_max && bytes <= page_bytes_max;
  });
  if (records.size() > listed_items_max || bytes > page_bytes_max) {
    return raft::unexpected<std::string>(
        "the namespace has too many configurations to list them at once: search page by page");
  }
  list_reply out;
  for (const auto& r : records) {
    auto i = decode_item(r);
    if (!i) return malformed();
    out.items.push_back(std::move(*i));
  }
  return encode(out);
}

answered answer(const history& q, const persistence::state_view& view) {
  std::vector<std::string> records;
  std::size_t bytes = 0;
  history_reply out;
  view.scan(history_of(q.key), {}, [&](std::string_view key, std::string_view) {
    if (is_on(q.page, out.total++)) {
      records.push_back(
          view.get(history_record_key(row_of_index_key(key))).value_or(std::string()));
      bytes += records.back().size();
    }
    return bytes <= page_bytes_max;
  });
  if (bytes > page_bytes_max) return too_many_bytes();
  for (const auto& r : records) {
    auto row = decode_history_row(r);
    if (!row) return malformed();
    out.rows.push_back(std::move(*row));
  }
  return encode(out);
}

answered answer(const get_history_row& q, const persistence::state_view& view) {
  return row_answer(q.id, view);
}

answered answer(const previous_history_row& q, const persistence::state_view& view) {
  std::uint64_t found = 0;
  bool readable = true;
  view.scan(history_of(q.key), {}, [&](std::string_view key, std::string_view) {
    const auto id = row_of_index_key(key);
    const auto stored = view.get(history_record_key(id));
    const auto row = decode_history_row(stored ? std::string_view(*stored) : std::string_view());
    readable = row.has_value();
    if (readable && row->item.id == q.item_id) found = id;
    return readable && found == 0;
  });
  if (!readable) return malformed();
  return found == 0 ? answered(encode(history_row_reply{})) : row_answer(found, view);
}

}  // namespace troupe::processors::config
