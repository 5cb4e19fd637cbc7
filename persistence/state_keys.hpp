// state_keys: the key space of the state store: 8 bytes of group id, 8 of generation, one that
// tells data from the store's own records, and what the processor calls the key. On disk: do not
// change.
//
// A generation is the index of the snapshot that the data began with, 0 for a group that never
// installed one. All keys of one generation stand together; one record of the group says which
// generation counts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "raft/types.hpp"

namespace troupe::persistence {

constexpr std::size_t state_prefix_bytes = 17;

struct state_generation {
  raft::group_id group;
  raft::log_index first;  ///< the snapshot's index
  friend bool operator==(const state_generation&, const state_generation&) = default;
};

/// Values are on disk: do not change.
enum class state_space : char {
  configuration = 'c',  ///< one record: the configuration committed, and the index of its entry
  data = 'd',           ///< the processor's keys
  applied = 'm',        ///< one record: index and term of the last entry applied
  own = 'o',            ///< the host's records of the group
};

/// The record of that kind, or what all keys of the space begin with.
std::string state_key(const state_generation& generation, state_space space);
/// What all keys of the generation begin with.
std::string generation_prefix(const state_generation& generation);
/// The record that names the group's generation; it sorts before all of them.
std::string generation_key(raft::group_id group);
/// Group id 0 stands for no group, so the store's own record cannot meet a group's.
std::string state_version_key();

/// The smallest key greater than all keys that begin with `prefix`, which must not consist of 0xff.
std::string end_of_prefix(std::string prefix);

}  // namespace troupe::persistence
