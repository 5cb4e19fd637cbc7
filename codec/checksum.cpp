#include "codec/checksum.hpp"

// Inlined, because the streaming state may live on the stack only when its layout is the one that
// this file was compiled with; the shared library promises no layout.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace troupe::codec {

std::uint64_t checksum64(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t checksum64(std::string_view first, std::string_view second) {
  XXH3_state_t state;
  XXH3_INITSTATE(&state);
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, first.data(), first.size());
  XXH3_64bits_update(&state, second.data(), second.size());
  return XXH3_64bits_digest(&state);
}

}  // namespace troupe::codec
