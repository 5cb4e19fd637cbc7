// tape: one msgpack object, flattened into the order in which it stands in the bytes, and a cursor
// that takes the fields off it. Knows msgpack's types, not what they stand for.
//
// msgpack-c's own object tree is not used: it allocates what an array header claims, and a limit
// that fits a batch of entries is far too wide for the arrays inside it. A tape grows only by what
// is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/decode_error.hpp"
#include "raft/expected.hpp"

namespace troupe::codec {

/// An array header counts one level; nothing that we send nests deeper than
/// message > entries > entry > configuration > list of nodes.
constexpr std::uint32_t nesting_max = 5;

enum class token_kind : std::uint8_t { nil, boolean, number, text, binary, array };

struct token {
  token_kind kind = token_kind::nil;
  std::uint32_t size = 0;  ///< bytes of a text or binary, elements of an array
  union {
    std::uint64_t number = 0;  ///< also a boolean: 0 or 1
    const char* data;          ///< into the parsed bytes
  };
};

class tape {
 public:
  /// Parses the object that begins at `offset` and moves `offset` behind it. Refuses truncated
  /// bytes, types that we never send (maps, floats, negative numbers, extensions), deeper nesting
  /// than nesting_max and more than `tokens_max` tokens. Never throws.
  raft::expected<void, decode_error> parse(std::string_view bytes, std::size_t& offset,
                                           std::size_t tokens_max);
  /// The same for an object that must fill `record` to its last byte.
  raft::expected<void, decode_error> parse_whole(std::string_view record, std::size_t tokens_max);

 private:
  friend class cursor;
  bool parse_sound(std::string_view bytes, std::size_t& offset, std::size_t tokens_max);

  std::vector<token> tokens_;  // kept between objects, so that a batch allocates once
};

/// Takes fields off a tape, in order. The first one that is not what it should be is remembered,
/// with the field's name, and from then on every field reads as empty: the caller asks once, at the
/// end or before it acts on a count.
class cursor {
 public:
  explicit cursor(const tape& t) : next_(t.tokens_.data()), end_(next_ + t.tokens_.size()) {}

  std::uint64_t number(const char* field, std::uint64_t max = UINT64_MAX);
  bool boolean(const char* field);
  std::string_view text(const char* field, std::size_t bytes_max);
  std::string_view binary(const char* field);
  /// The number of elements that follow.
  std::uint32_t array(const char* field, std::uint32_t min, std::uint32_t max);
  /// Takes a nil when one is next.
  bool nil();

  void refuse(const char* field, std::string why);
  [[nodiscard]] bool ok() const { return error_.what.empty(); }
  [[nodiscard]] const decode_error& error() const { return error_; }

 private:
  const token* take(const char* field, token_kind wanted);

  const token* next_;
  const token* end_;
  decode_error error_;
};

}  // namespace troupe::codec
