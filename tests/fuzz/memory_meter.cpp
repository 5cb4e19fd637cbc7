#include "tests/fuzz/memory_meter.hpp"

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <string>

#include "tests/fuzz/demands.hpp"

namespace troupe::fuzz {
namespace {

// The fuzzer watches the process from a thread of its own, which may allocate, too.
thread_local bool metering = false;
thread_local std::size_t held = 0;
thread_local std::size_t peak = 0;

void taken(const volatile void*, std::size_t bytes) {
  if (!metering) return;
  held += bytes;
  peak = std::max(peak, held);
}

void given_back(const volatile void* block) {
  if (!metering || block == nullptr) return;
  held -= std::min(held, __sanitizer_get_allocated_size(const_cast<const void*>(block)));
}

}  // namespace

memory_meter::memory_meter(memory_limit limit, std::size_t input_bytes)
    : bytes_max_(limit.bytes + limit.bytes_per_byte * input_bytes) {
  static const int hooks = __sanitizer_install_malloc_and_free_hooks(taken, given_back);
  demand(hooks > 0, "the sanitizer takes hooks");
  held = peak = 0;
  metering = true;
}

memory_meter::~memory_meter() {
  metering = false;
  demand(peak <= bytes_max_, "memory stays within a multiple of the input",
         std::to_string(peak) + " bytes held, at most " + std::to_string(bytes_max_));
}

}  // namespace troupe::fuzz
