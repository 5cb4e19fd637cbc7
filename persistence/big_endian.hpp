// big_endian: numbers at the end of, or within, the strings that become keys and records on disk.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "codec/big_endian.hpp"

namespace troupe::persistence {

template <class Number>
void append_big_endian(std::string& out, Number value) {
  out.resize(out.size() + sizeof(Number));
  codec::store_big_endian(value, out.data() + out.size() - sizeof(Number));
}

/// `in` must hold at least offset + sizeof(Number) bytes.
template <class Number>
Number read_big_endian(std::string_view in, std::size_t offset = 0) {
  return codec::load_big_endian<Number>(in.data() + offset);
}

}  // namespace troupe::persistence
