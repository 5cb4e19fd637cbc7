#include "tests/codec/allocation_meter.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

// The tests that measure are single-threaded.
std::size_t held = 0;
std::size_t peak = 0;

void* take_or_null(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block != nullptr) {
    held += malloc_usable_size(block);
    peak = std::max(peak, held);
  }
  return block;
}

void* take(std::size_t size) {
  void* block = take_or_null(size);
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  return block;
}

void give_back(void* block) {
  if (block != nullptr) {
    held -= std::min(held, malloc_usable_size(block));
    std::free(block);
  }
}

}  // namespace

void* operator new(std::size_t size) {
  return take(size);
}
void* operator new[](std::size_t size) {
  return take(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return take_or_null(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return take_or_null(size);
}
void operator delete(void* block) noexcept {
  give_back(block);
}
void operator delete[](void* block) noexcept {
  give_back(block);
}
void operator delete(void* block, std::size_t) noexcept {
  give_back(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  give_back(block);
}

namespace troupe::samples {

allocation_meter::allocation_meter() : before_(held) {
  peak = held;
}

std::size_t allocation_meter::peak_bytes() const {
  return peak - std::min(peak, before_);
}

}  // namespace troupe::samples
