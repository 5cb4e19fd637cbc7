// group_name: which names a group may have, and the id that stands for a name on the wire and on
// disk.
#pragma once

#include <cstddef>
#include <string_view>

#include "raft/types.hpp"

namespace troupe::codec {

constexpr std::size_t group_name_bytes_max = 64;

/// A letter, then letters, digits, '_' or '-'; 1 to 64 bytes.
bool is_valid_group_name(std::string_view name);

/// XXH64 with seed 0 of the name; never 0. On disk: do not change. The registry refuses a second
/// name with the same id.
raft::group_id group_id_of(std::string_view name);

}  // namespace troupe::codec
