// string_list_messages: what one may ask the string-list processor, and what it answers. Structs
// own no texts: those point into what the caller holds, or into the bytes that were decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/decode_error.hpp"
#include "raft/expected.hpp"

namespace troupe::processors::strings {

constexpr std::size_t name_bytes_max = 256;
constexpr std::size_t element_bytes_max = 64U << 10U;
/// Removing by value visits the whole list inside apply: this bounds how long that takes.
constexpr std::size_t list_elements_max = 10'000;
constexpr std::size_t list_bytes_max = 16U << 20U;
constexpr std::size_t push_elements_max = 1'000;
constexpr std::size_t range_limit_max = 1'000;
/// A page ends early when its elements reach this; it always has one when there is one.
constexpr std::size_t range_bytes_max = 8U << 20U;

// ---- commands -------------------------------------------------------------------------------
/// Appends all elements or none. 1 to push_elements_max of them.
struct push_back {
  std::string_view name;
  std::vector<std::string_view> elements;
  friend bool operator==(const push_back&, const push_back&) = default;
};

/// Removes the first `count_max` elements equal to `element`; 0 removes all of them.
struct remove {
  std::string_view name;
  std::string_view element;
  std::uint64_t count_max = 0;
  friend bool operator==(const remove&, const remove&) = default;
};

struct clear {
  std::string_view name;
  friend bool operator==(const clear&, const clear&) = default;
};

using command = std::variant<push_back, remove, clear>;

struct write_reply {
  std::uint64_t changed = 0;  ///< elements appended or removed
  std::uint64_t length = 0;   ///< of the list now
  friend bool operator==(const write_reply&, const write_reply&) = default;
};

// ---- queries --------------------------------------------------------------------------------
/// Elements at positions ≥ `from`, counted from 0. `limit` is 1 to range_limit_max.
struct range {
  std::string_view name;
  std::uint64_t from = 0;
  std::uint32_t limit = 100;
  friend bool operator==(const range&, const range&) = default;
};

/// The next page begins at `from` plus what came, until that reaches `length`.
struct range_reply {
  std::uint64_t length = 0;
  std::vector<std::string_view> elements;
  friend bool operator==(const range_reply&, const range_reply&) = default;
};

/// Answered by a range_reply without elements. A list that was never written has length 0.
struct length {
  std::string_view name;
  friend bool operator==(const length&, const length&) = default;
};

using query = std::variant<range, length>;

std::string encode(const push_back& c);
std::string encode(const remove& c);
std::string encode(const clear& c);
std::string encode(const write_reply& r);
std::string encode(const range& q);
std::string encode(const length& q);
std::string encode(const range_reply& r);

/// Limits on names, elements and pages are checked here; those on whole lists in apply.
raft::expected<command, codec::decode_error> decode_command(std::string_view bytes);
raft::expected<query, codec::decode_error> decode_query(std::string_view bytes);
raft::expected<write_reply, codec::decode_error> decode_write_reply(std::string_view bytes);
raft::expected<range_reply, codec::decode_error> decode_range_reply(std::string_view bytes);

}  // namespace troupe::processors::strings
