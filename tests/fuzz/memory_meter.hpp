// memory_meter: demands that a piece of code holds no more of the heap than a multiple of what it
// was given: lengths are claims until the bytes are there. Counts through the sanitizer's hooks.
#pragma once

#include <cstddef>

namespace troupe::fuzz {

struct memory_limit {
  /// As in tests/codec/hostile_bytes_test.cpp: a value of one byte becomes a token of sixteen, an
  /// entry of fifteen bytes one of 220, and a vector that grows holds its old and new block.
  std::size_t bytes_per_byte = 64;
  std::size_t bytes = 16'384;  ///< beside: texts of refusals, buffers made before a byte is read
};

/// While it lives; one at a time.
class memory_meter {
 public:
  memory_meter(memory_limit limit, std::size_t input_bytes);
  ~memory_meter();
  memory_meter(const memory_meter&) = delete;
  memory_meter& operator=(const memory_meter&) = delete;

 private:
  std::size_t bytes_max_;
};

}  // namespace troupe::fuzz
