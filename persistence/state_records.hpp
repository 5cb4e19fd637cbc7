// state_records: the state store's own records of a group, as docs/log-format.md describes them. On
// disk: do not change without a new format version. Knows nothing of when they are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "raft/configuration.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

/// The last entry that the state holds the effect of.
struct applied_point {
  raft::log_index index;
  raft::term term;
  friend bool operator==(const applied_point&, const applied_point&) = default;
};

/// The configuration in force at the applied point, and the index of the entry that brought it; 0
/// for the initial one.
struct applied_configuration {
  raft::log_index index;
  raft::configuration peers;
  friend bool operator==(const applied_configuration&, const applied_configuration&) = default;
};

/// All are sealed with their key.
std::string encode_applied_point(std::string_view key, const applied_point& point);
std::string encode_applied_configuration(std::string_view key,
                                         const applied_configuration& configuration);
std::string encode_generation(std::string_view key, raft::log_index first);

/// Nothing when the record is damaged.
std::optional<applied_point> decode_applied_point(std::string_view key, std::string_view record);
std::optional<applied_configuration> decode_applied_configuration(std::string_view key,
                                                                  std::string_view record);
std::optional<raft::log_index> decode_generation(std::string_view key, std::string_view record);

}  // namespace troupe::persistence
