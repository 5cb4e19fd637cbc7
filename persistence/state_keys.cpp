// state_keys: see the header.
#include "persistence/state_keys.hpp"

#include "persistence/big_endian.hpp"

namespace troupe::persistence {

std::string generation_key(raft::group_id group) {
  std::string key;
  append_big_endian(key, group.value());
  return key;
}

std::string generation_prefix(const state_generation& generation) {
  std::string key = generation_key(generation.group);
  append_big_endian(key, generation.first.value());
  return key;
}

std::string state_key(const state_generation& generation, state_space space) {
  std::string key = generation_prefix(generation);
  key.push_back(static_cast<char>(space));
  return key;
}

std::string state_version_key() {
  return generation_key(raft::group_id{}) + 'v';
}

std::string end_of_prefix(std::string prefix) {
  while (prefix.back() == '\xff') {
    prefix.pop_back();
  }
  ++prefix.back();
  return prefix;
}

}  // namespace troupe::persistence
