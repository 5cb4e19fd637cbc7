// entry: one record of the replicated log. Immutable once made; travels by shared pointer to const
// from the socket to the disk and the processor.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "raft/bytes.hpp"
#include "raft/configuration.hpp"
#include "raft/types.hpp"

namespace troupe::raft {

/// Values are on disk and on the wire: never renumber.
enum class entry_type : std::uint8_t {
  no_op = 1,          ///< the first entry of a term; carries nothing
  data = 2,           ///< a command for the processor
  configuration = 3,  ///< a membership change; takes effect when appended (thesis §4.1)
  session = 4,        ///< a command in a client's session, applied once (thesis §6.3)
};

/// What an entry counts for beside its data.
inline constexpr std::uint64_t entry_overhead_bytes = 32;

struct entry {
  raft::term term;
  log_index index;
  entry_type type = entry_type::no_op;
  bytes data;  ///< command (data) or context of the proposer (configuration)
  /// Only for configuration entries: peers = voters, old peers = outgoing, learners, old learners
  /// = learners_next.
  std::optional<configuration> peers;
  /// XXH3-64 over term, index, type, data and peers; set by the codec when the entry is first
  /// encoded or read, 0 while it has never left the core.
  std::uint64_t checksum = 0;

  /// What the entry counts for in every byte limit.
  [[nodiscard]] std::uint64_t size_bytes() const { return data.size() + entry_overhead_bytes; }

  friend bool operator==(const entry&, const entry&) = default;
};

using entry_ptr = std::shared_ptr<const entry>;
using entries = std::vector<entry_ptr>;

}  // namespace troupe::raft
