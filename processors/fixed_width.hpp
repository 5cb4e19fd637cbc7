// fixed_width: numbers as 8 bytes big-endian, so that byte order is number order. Used in keys and
// record headers on disk: do not change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::processors {

constexpr std::size_t fixed_bytes = 8;

inline void append_fixed(std::string& out, std::uint64_t value) {
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> (shift - 8)) & 0xffU));
  }
}

/// Of the first 8 bytes of `bytes`, which must be there.
inline std::uint64_t read_fixed(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, fixed_bytes)) {
    value = (value << 8U) | static_cast<unsigned char>(c);
  }
  return value;
}

}  // namespace troupe::processors
