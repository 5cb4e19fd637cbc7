// state_keys: see the header.
#include "persistence/state_keys.hpp"

#include "persistence/big_endian.hpp"

namespace troupe::persistence {
namespace {

std::string key_in_space(raft::group_id group, char space) {
  std::string key;
  append_big_endian(key, group.value());
  key.push_back(space);
  return key;
}

}  // namespace

std::string state_data_prefix(raft::group_id group) {
  return key_in_space(group, 'd');
}
std::string state_applied_key(raft::group_id group) {
  return key_in_space(group, 'm');
}
std::string state_version_key() {
  return key_in_space(raft::group_id{}, 'v');
}

std::string end_of_prefix(std::string prefix) {
  // The space byte 'd' is below 0xff, so the loop ends before the prefix is used up.
  while (prefix.back() == '\xff') {
    prefix.pop_back();
  }
  ++prefix.back();
  return prefix;
}

}  // namespace troupe::persistence
