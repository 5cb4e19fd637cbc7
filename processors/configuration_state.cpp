#include "processors/configuration_state.hpp"

#include <array>
#include <initializer_list>

#include "processors/fixed_width.hpp"

namespace troupe::processors::config {

namespace {

constexpr std::string_view item_counters_key = "cn";
constexpr std::string_view history_counters_key = "hn";

std::string numbered(std::string_view prefix, std::uint64_t number) {
  std::string out(prefix);
  append_fixed(out, number);
  return out;
}

/// Keys come out of the prefixes above, so that they are never shorter than what they hold.
std::uint64_t last_number(std::string_view key) {
  return read_fixed(key.substr(key.size() - fixed_bytes));
}

std::string fixed(std::initializer_list<std::uint64_t> numbers) {
  std::string out;
  for (const auto n : numbers) append_fixed(out, n);
  return out;
}

/// Zeroes when nothing is stored yet.
template <std::size_t N>
std::array<std::uint64_t, N> read_counters(const persistence::state_view& view,
                                           std::string_view key) {
  std::array<std::uint64_t, N> out{};
  const auto stored = view.get(key);
  if (!stored || stored->size() != N * fixed_bytes) return out;
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = read_fixed(std::string_view(*stored).substr(i * fixed_bytes));
  }
  return out;
}

}  // namespace

std::string joined(const item_key& k) {
  std::string out;
  out.reserve(k.tenant.size() + k.config_group.size() + k.data_id.size() + 2);
  out.append(k.tenant).push_back('\0');
  out.append(k.config_group).push_back('\0');
  return out.append(k.data_id);
}

std::optional<item_key> parse_joined(std::string_view text) {
  const auto first = text.find('\0');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('\0', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return item_key{text.substr(0, first), text.substr(first + 1, second - first - 1),
                  text.substr(second + 1)};
}

std::string item_record_key(const item_key& k) {
  return std::string(items_prefix).append(joined(k));
}

std::string item_content_key(const item_key& k) {
  return "cv" + joined(k);
}

std::string item_id_key(std::uint64_t id) {
  return numbered("ci", id);
}

std::string items_of(std::string_view tenant, std::string_view config_group) {
  std::string out(items_prefix);
  out.append(tenant).push_back('\0');
  if (!config_group.empty()) out.append(config_group).push_back('\0');
  return out;
}

std::string history_record_key(std::uint64_t row) {
  return numbered(history_rows_prefix, row);
}

std::string history_content_key(std::uint64_t row) {
  return numbered("hv", row);
}

std::string history_of(const item_key& k) {
  auto out = "hi" + joined(k);
  out.push_back('\0');
  return out;
}

std::string history_index_key(const item_key& k, std::uint64_t row) {
  return numbered(history_of(k), ~row);
}

std::string history_time_key(std::uint64_t stamp_ms, std::uint64_t row) {
  return numbered(numbered(history_times_prefix, stamp_ms), row);
}

std::uint64_t row_of_record_key(std::string_view key) {
  return last_number(key);
}

std::uint64_t row_of_index_key(std::string_view key) {
  return ~last_number(key);
}

std::uint64_t row_of_time_key(std::string_view key) {
  return last_number(key);
}

std::uint64_t stamp_of_time_key(std::string_view key) {
  return read_fixed(key.substr(history_times_prefix.size()));
}

item_counters read_item_counters(const persistence::state_view& view) {
  const auto [last_id, items] = read_counters<2>(view, item_counters_key);
  return {last_id, items};
}

void write_counters(persistence::state_batch& batch, const item_counters& c) {
  batch.put(item_counters_key, fixed({c.last_id, c.items}));
}

history_counters read_history_counters(const persistence::state_view& view) {
  const auto [last_id, first_id, rows, bytes] = read_counters<4>(view, history_counters_key);
  return {last_id, first_id, rows, bytes};
}

void write_counters(persistence::state_batch& batch, const history_counters& c) {
  batch.put(history_counters_key, fixed({c.last_id, c.first_id, c.rows, c.content_bytes}));
}

}  // namespace troupe::processors::config
