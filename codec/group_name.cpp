#include "codec/group_name.hpp"

#include <xxhash.h>

#include <algorithm>

namespace troupe::codec {
namespace {

// Not std::isalpha: what is a letter must not depend on a locale.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool is_valid_group_name(std::string_view name) {
  return !name.empty() && name.size() <= group_name_bytes_max && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; });
}

raft::group_id group_id_of(std::string_view name) {
  const std::uint64_t hash = XXH64(name.data(), name.size(), 0);
  // 0 means "none"; the one name in 2^64 that hashes to it shares an id with another one.
  return raft::group_id{hash == 0 ? 1 : hash};
}

}  // namespace troupe::codec
