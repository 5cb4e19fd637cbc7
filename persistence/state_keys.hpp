// state_keys: the key space of the state store: 8 bytes of group id, one byte that tells data from
// the store's own records, and what the processor calls the key. On disk: do not change.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "raft/types.hpp"

namespace troupe::persistence {

constexpr std::size_t state_prefix_bytes = 9;

/// Everything below it belongs to the group's processor.
std::string state_data_prefix(raft::group_id group);
/// The record that holds the applied index.
std::string state_applied_key(raft::group_id group);
/// Group id 0 stands for no group, so the store's own record cannot meet a group's.
std::string state_version_key();

/// The smallest key greater than all keys that begin with `prefix`, which begins with a data
/// prefix.
std::string end_of_prefix(std::string prefix);

}  // namespace troupe::persistence
