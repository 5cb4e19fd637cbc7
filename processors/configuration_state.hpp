// configuration_state: where the configuration centre keeps what: keys and counters of its part of
// the group's state. Knows nothing of the rules that change them.
//
// On disk: do not change. Names hold no NUL byte, so that NUL parts them and keys sort by name.
// Numbers are 8 bytes big-endian. KEY is tenant NUL group NUL data id.
//   "cm" KEY              → item record (configuration_messages encode_record)
//   "cv" KEY              → its content
//   "ci" id               → KEY
//   "cn"                  → last id given, number of items
//   "hr" row id           → history record
//   "hv" row id           → its content
//   "hi" KEY NUL ~row id  → empty; the rows of one item, newest first
//   "ht" stamp row id     → empty; all rows by time
//   "hn"                  → last row id given, first row id kept, rows, bytes of contents
//   "r…"                  → recent_requests
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/state.hpp"
#include "processors/configuration_messages.hpp"

namespace troupe::processors::config {

constexpr std::string_view items_prefix = "cm";
constexpr std::string_view history_rows_prefix = "hr";
constexpr std::string_view history_times_prefix = "ht";

/// KEY of the table above.
std::string joined(const item_key& k);
/// The names in it; nothing when it is none.
std::optional<item_key> parse_joined(std::string_view joined);

std::string item_record_key(const item_key& k);
std::string item_content_key(const item_key& k);
std::string item_id_key(std::uint64_t id);
/// All items of a tenant, or of one group of it, begin with it.
std::string items_of(std::string_view tenant, std::string_view config_group);

std::string history_record_key(std::uint64_t row);
std::string history_content_key(std::uint64_t row);
/// All rows of an item begin with it.
std::string history_of(const item_key& k);
std::string history_index_key(const item_key& k, std::uint64_t row);
std::string history_time_key(std::uint64_t stamp_ms, std::uint64_t row);
/// The row's id, in each kind of key.
std::uint64_t row_of_record_key(std::string_view key);
std::uint64_t row_of_index_key(std::string_view key);
std::uint64_t row_of_time_key(std::string_view key);
std::uint64_t stamp_of_time_key(std::string_view key);

struct item_counters {
  std::uint64_t last_id = 0;
  std::uint64_t items = 0;
};

struct history_counters {
  std::uint64_t last_id = 0;
  std::uint64_t first_id = 1;  ///< no row below it is left; a place to begin looking
  std::uint64_t rows = 0;
  std::uint64_t content_bytes = 0;
};

item_counters read_item_counters(const persistence::state_view& view);
void write_counters(persistence::state_batch& batch, const item_counters& c);
history_counters read_history_counters(const persistence::state_view& view);
void write_counters(persistence::state_batch& batch, const history_counters& c);

}  // namespace troupe::processors::config
