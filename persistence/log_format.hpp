// log_format: keys and records of the log store, as docs/log-format.md describes them. On disk: do
// not change without a new format version. Knows nothing of when they are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "raft/message.hpp"
#include "raft/output.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

constexpr std::string_view log_version = "troupe log 1";

/// Second part of each key, behind 8 bytes of group id.
enum class log_record : char {
  batch = 'b',          ///< group 0 only: number of the last append
  configuration = 'c',  ///< + index: a configuration entry's peers
  entry = 'e',          ///< + index
  hard_state = 'h',
  marker = 'm',      ///< what the log must hold
  snapshot = 's',    ///< the point that the log begins behind
  term_start = 't',  ///< + index: first index of a run of entries of one term
  version = 'v',     ///< group 0 only
};

std::string log_key(raft::group_id group, log_record kind);
std::string log_key(raft::group_id group, log_record kind, raft::log_index index);
/// The smallest key behind all keys of this kind and group.
std::string log_key_end(raft::group_id group, log_record kind);
/// The index in a key made by the second form.
raft::log_index index_in(std::string_view key);

/// What the log of a group must hold, written with every change of it. Missing entries, term starts
/// or configurations are then noticed although nothing is left that could be wrong.
struct log_marker {
  raft::log_index last;
  raft::term last_term;
  std::uint32_t term_starts = 0;
  std::uint32_t configurations = 0;
  friend bool operator==(const log_marker&, const log_marker&) = default;
};

/// All records but entries are sealed with their key; entries carry the codec's checksum.
std::string encode_hard_state(std::string_view key, const raft::hard_state& hard);
std::string encode_snapshot_point(std::string_view key, const raft::snapshot_point& point);
std::string encode_term_start(std::string_view key, raft::term term);
std::string encode_marker(std::string_view key, const log_marker& marker);
std::string encode_batch_number(std::string_view key, std::uint64_t number);
std::string encode_peers(std::string_view key, const raft::configuration& peers);

/// Nothing when the record is damaged.
std::optional<raft::hard_state> decode_hard_state(std::string_view key, std::string_view record);
std::optional<raft::snapshot_point> decode_snapshot_point(std::string_view key,
                                                          std::string_view record);
std::optional<raft::term> decode_term_start(std::string_view key, std::string_view record);
std::optional<log_marker> decode_marker(std::string_view key, std::string_view record);
std::optional<std::uint64_t> decode_batch_number(std::string_view key, std::string_view record);
std::optional<raft::configuration> decode_peers(std::string_view key, std::string_view record);

}  // namespace troupe::persistence
