// msgpack_head: what begins at one place of msgpack bytes: its type, and its number or its text.
// Objects of a few fields are read with it straight from the buffer; a parser that keeps its stack
// on the heap and calls a visitor for each field takes several times as long. Knows neither nesting
// nor limits: whoever reads counts.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "codec/big_endian.hpp"

namespace troupe::codec {

enum class head_kind : std::uint8_t {
  none,  ///< truncated, or what we never send: negative numbers, extensions, a byte without meaning
  nil,
  boolean,
  number,
  real,
  text,
  binary,
  array,
  map,
};

struct msgpack_head {
  head_kind kind = head_kind::none;
  /// A boolean, a number, the bits of a double, the elements of an array, the pairs of a map.
  std::uint64_t number = 0;
  std::string_view run;  ///< of a text or binary; lies in the bytes that are read
};

class head_reader {
 public:
  explicit head_reader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  /// Moves behind a number or a text, and to the first element of an array or a map. Once it gave
  /// none, there is nothing more to be read.
  msgpack_head next() {
    if (at_ == end_) return {};
    const auto first = static_cast<unsigned char>(*at_++);
    if (first <= 0x7fU) return {head_kind::number, first, {}};
    if (first <= 0x8fU) return {head_kind::map, first & 0x0fU, {}};
    if (first <= 0x9fU) return {head_kind::array, first & 0x0fU, {}};
    if (first <= 0xbfU) return run(head_kind::text, first & 0x1fU);
    return next_wide(first);
  }

 private:
  msgpack_head next_wide(unsigned char first) {
    switch (first) {
      case 0xc0:
        return {head_kind::nil, 0, {}};
      case 0xc2:
      case 0xc3:
        return {head_kind::boolean, first & 1U, {}};
      case 0xc4:
        return sized_run<std::uint8_t>(head_kind::binary);
      case 0xc5:
        return sized_run<std::uint16_t>(head_kind::binary);
      case 0xc6:
        return sized_run<std::uint32_t>(head_kind::binary);
      case 0xca:
        return single_real();
      case 0xcb:
        return numbered<std::uint64_t>(head_kind::real);
      case 0xcc:
        return numbered<std::uint8_t>(head_kind::number);
      case 0xcd:
        return numbered<std::uint16_t>(head_kind::number);
      case 0xce:
        return numbered<std::uint32_t>(head_kind::number);
      case 0xcf:
        return numbered<std::uint64_t>(head_kind::number);
      case 0xd9:
        return sized_run<std::uint8_t>(head_kind::text);
      case 0xda:
        return sized_run<std::uint16_t>(head_kind::text);
      case 0xdb:
        return sized_run<std::uint32_t>(head_kind::text);
      case 0xdc:
        return numbered<std::uint16_t>(head_kind::array);
      case 0xdd:
        return numbered<std::uint32_t>(head_kind::array);
      case 0xde:
        return numbered<std::uint16_t>(head_kind::map);
      case 0xdf:
        return numbered<std::uint32_t>(head_kind::map);
      default:
        return {};
    }
  }

  template <class Unsigned>
  msgpack_head numbered(head_kind kind) {
    if (left() < sizeof(Unsigned)) return {};
    const auto number = load_big_endian<Unsigned>(at_);
    at_ += sizeof(Unsigned);
    return {kind, number, {}};
  }
  template <class Unsigned>
  msgpack_head sized_run(head_kind kind) {
    const auto size = numbered<Unsigned>(kind);
    return size.kind == head_kind::none ? size : run(kind, size.number);
  }
  msgpack_head run(head_kind kind, std::uint64_t size) {
    if (left() < size) return {};
    const std::string_view found(at_, size);
    at_ += size;
    return {kind, 0, found};
  }
  msgpack_head single_real() {
    auto bits = numbered<std::uint32_t>(head_kind::real);
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits.number));
    bits.number = std::bit_cast<std::uint64_t>(static_cast<double>(value));
    return bits;
  }

  const char* at_;
  const char* end_;
};

}  // namespace troupe::codec
