// checksum: the hash that guards frames and entries. Knows nothing of what it is computed over.
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::codec {

/// XXH3-64, seed 0. On disk and on the wire: do not change.
std::uint64_t checksum64(std::string_view bytes);
/// The same as of both parts in one string, without joining them.
std::uint64_t checksum64(std::string_view first, std::string_view second);

}  // namespace troupe::codec
