// big_endian: fixed-width numbers as bytes whose order is the order of the numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe::codec {

template <class Unsigned>
void store_big_endian(Unsigned value, char* to) {
  for (std::size_t i = sizeof(Unsigned); i-- > 0; value = static_cast<Unsigned>(value >> 8U)) {
    to[i] = static_cast<char>(value & 0xffU);
  }
}

template <class Unsigned>
Unsigned load_big_endian(const char* from) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(value << 8U) | static_cast<unsigned char>(from[i]);
  }
  return value;
}

}  // namespace troupe::codec
