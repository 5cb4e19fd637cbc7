// key_value_messages: what one may ask the key-value processor, and what it answers. Structs own
// nothing: their texts point into what the caller holds, or into the bytes that were decoded. Knows
// nothing of how keys and values are stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/decode_error.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::processors::kv {

constexpr std::size_t key_bytes_max = 4'096;
constexpr std::size_t value_bytes_max = 4U << 20U;
constexpr std::size_t list_limit_max = 1'000;
/// A page ends early when its keys and values reach this; it always has one item.
constexpr std::size_t list_bytes_max = 8U << 20U;

/// Values are in the log: never renumber.
enum class condition_kind : std::uint8_t {
  none = 0,
  absent = 1,   ///< the key must not exist
  exists = 2,   ///< the key must exist
  version = 3,  ///< the key must stand at `condition::version`
};

struct condition {
  condition_kind kind = condition_kind::none;
  raft::log_index version;
  friend bool operator==(const condition&, const condition&) = default;
};

// ---- commands -------------------------------------------------------------------------------
struct put {
  std::string_view key;
  std::string_view value;
  kv::condition condition;
  friend bool operator==(const put&, const put&) = default;
};

struct erase {
  std::string_view key;
  kv::condition condition;
  friend bool operator==(const erase&, const erase&) = default;
};

using command = std::variant<put, erase>;

/// Answer to both. A condition that does not hold is an answer, not a refusal.
struct write_reply {
  bool swapped = false;     ///< the condition held and the command took effect
  bool existed = false;     ///< the key existed before; false after a put without a condition
  raft::log_index version;  ///< what stands now: none when the key is absent
  friend bool operator==(const write_reply&, const write_reply&) = default;
};

// ---- queries --------------------------------------------------------------------------------
struct get {
  std::string_view key;
  friend bool operator==(const get&, const get&) = default;
};

struct get_reply {
  bool found = false;
  raft::log_index version;
  std::string_view value;
  friend bool operator==(const get_reply&, const get_reply&) = default;
};

/// Keys ≥ `from` that begin with `prefix`, in byte order. `limit` is 1 to list_limit_max.
struct list {
  std::string_view prefix;
  std::string_view from;
  std::uint32_t limit = 100;
  friend bool operator==(const list&, const list&) = default;
};

template <class Text>
struct basic_item {
  Text key;
  raft::log_index version;
  Text value;
  friend bool operator==(const basic_item&, const basic_item&) = default;
};
using item = basic_item<std::string_view>;

struct list_reply {
  std::vector<item> items;
  std::optional<std::string_view> next;  ///< `from` of the next page; absent at the end
  friend bool operator==(const list_reply&, const list_reply&) = default;
};

using query = std::variant<get, list>;

std::string encode(const put& c);
std::string encode(const erase& c);
std::string encode(const write_reply& r);
std::string encode(const get& q);
std::string encode(const get_reply& r);
std::string encode(const list& q);
std::string encode(const list_reply& r);

/// Limits on keys, values and pages are checked here.
raft::expected<command, codec::decode_error> decode_command(std::string_view bytes);
raft::expected<query, codec::decode_error> decode_query(std::string_view bytes);
/// Whether this begins as a list query does: for what has to be known of a query before it is its
/// turn to be decoded.
bool is_list(std::string_view query);
raft::expected<write_reply, codec::decode_error> decode_write_reply(std::string_view bytes);
raft::expected<get_reply, codec::decode_error> decode_get_reply(std::string_view bytes);
raft::expected<list_reply, codec::decode_error> decode_list_reply(std::string_view bytes);

}  // namespace troupe::processors::kv
