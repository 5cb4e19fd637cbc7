#include "processors/key_value.hpp"

#include <algorithm>
#include <utility>

#include "processors/fixed_width.hpp"

namespace troupe::processors {

namespace {

// On disk: do not change. Key: 'k', then the key as given. Value: one byte of format, the version
// in 8 bytes big-endian, the value as given.
constexpr char key_space = 'k';
constexpr char record_format = 1;
constexpr std::size_t record_header_bytes = 1 + fixed_bytes;

struct record {
  raft::log_index version;
  std::string_view value;
};

std::string state_key(std::string_view key) {
  std::string out;
  out.reserve(key.size() + 1);
  out.push_back(key_space);
  out.append(key);
  return out;
}

std::string encode_record(raft::log_index version, std::string_view value) {
  std::string out;
  out.reserve(record_header_bytes + value.size());
  out.push_back(record_format);
  append_fixed(out, version.value());
  out.append(value);
  return out;
}

std::optional<record> decode_record(std::string_view stored) {
  if (stored.size() < record_header_bytes || stored[0] != record_format) return std::nullopt;
  return record{raft::log_index{read_fixed(stored.substr(1))}, stored.substr(record_header_bytes)};
}

bool holds(const kv::condition& c, raft::log_index present) {
  switch (c.kind) {
    case kv::condition_kind::none:
      return true;
    case kv::condition_kind::absent:
      return present.is_none();
    case kv::condition_kind::exists:
      return !present.is_none();
    case kv::condition_kind::version:
      return !present.is_none() && present == c.version;
  }
  return false;
}

reply malformed_state() {
  return reply::refused("kv: a stored record has an unknown form");
}

reply answer(const kv::get& q, const persistence::state_view& view) {
  const auto stored = view.get(state_key(q.key));
  if (!stored) return reply::ok(kv::encode(kv::get_reply{}));
  const auto found = decode_record(*stored);
  if (!found) return malformed_state();
  return reply::ok(kv::encode(kv::get_reply{true, found->version, found->value}));
}

reply answer(const kv::list& q, const persistence::state_view& view) {
  std::vector<kv::basic_item<std::string>> page;
  std::optional<std::string> next;
  std::size_t page_bytes = 0;
  bool readable = true;
  // A start before the prefix would meet foreign keys first.
  const auto from = state_key(std::max(q.prefix, q.from));
  view.scan(state_key(q.prefix), from, [&](std::string_view key, std::string_view stored) {
    key.remove_prefix(1);
    if (page.size() == q.limit ||
        (!page.empty() && page_bytes + stored.size() + key.size() > kv::list_bytes_max)) {
      next = std::string(key);
      return false;
    }
    const auto found = decode_record(stored);
    readable = found.has_value();
    if (!readable) return false;
    page_bytes += stored.size() + key.size();
    page.push_back({std::string(key), found->version, std::string(found->value)});
    return true;
  });
  if (!readable) return malformed_state();
  kv::list_reply out;
  out.items.reserve(page.size());
  for (const auto& i : page) out.items.push_back({i.key, i.version, i.value});
  if (next) out.next = *next;
  return reply::ok(kv::encode(out));
}

}  // namespace

reply key_value::apply(const command& entry, persistence::state_batch& batch) {
  const auto decoded = kv::decode_command(entry.data.view());
  if (!decoded) return reply::refused("kv: " + decoded.error().what);
  const auto& [key, condition] =
      std::visit([](const auto& c) { return std::pair(c.key, c.condition); }, *decoded);
  const auto where = state_key(key);

  const auto* put = std::get_if<kv::put>(&*decoded);
  raft::log_index present;
  // A put without a condition need not know what it replaces: reading costs more than writing.
  const bool is_blind = put != nullptr && condition.kind == kv::condition_kind::none;
  if (const auto stored = is_blind ? std::nullopt : batch.get(where)) {
    const auto found = decode_record(*stored);
    if (!found) return malformed_state();
    present = found->version;
  }
  const bool existed = !present.is_none();
  if (!holds(condition, present)) {
    return reply::ok(kv::encode(kv::write_reply{false, existed, present}));
  }

  if (put != nullptr) {
    batch.put(where, encode_record(entry.index, put->value));
    return reply::ok(kv::encode(kv::write_reply{true, existed, entry.index}));
  }
  if (existed) batch.erase(where);
  return reply::ok(kv::encode(kv::write_reply{true, existed, raft::log_index{}}));
}

reply key_value::query(std::string_view request, const persistence::state_view& view) const {
  const auto decoded = kv::decode_query(request);
  if (!decoded) return reply::refused("kv: " + decoded.error().what);
  return std::visit([&](const auto& q) { return answer(q, view); }, *decoded);
}

bool key_value::query_may_scan(std::string_view request) const {
  return kv::is_list(request);
}

}  // namespace troupe::processors
