// stamp: what the proposer of a command writes into it, so that apply needs neither clock nor
// chance: when, which request, from which node. nacos-spec E.0, H.3. Knows nothing of commands.
#pragma once

#include <cstdint>

#include "processors/payload.hpp"
#include "raft/types.hpp"

namespace troupe::processors {

/// Beyond any calendar, and exact as a number in JSON.
constexpr std::uint64_t stamp_ms_max = std::uint64_t{1} << 53U;

struct stamp {
  std::uint64_t proposer_ms = 0;  ///< since the epoch
  std::uint64_t request_id = 0;   ///< unique on its node
  raft::node_id node;
  friend bool operator==(const stamp&, const stamp&) = default;
};

// In the log: an array of three, never change.
inline void write_stamp(payload_writer& w, const stamp& s) {
  w.array(3).integer(s.proposer_ms).integer(s.request_id).integer(s.node.value());
}

inline stamp read_stamp(payload_reader& r) {
  r.tuple("stamp", 3);
  stamp s;
  s.proposer_ms = r.integer("proposer_ms", stamp_ms_max);
  s.request_id = r.integer("request id");
  s.node = raft::node_id{r.integer("node id")};
  return s;
}

}  // namespace troupe::processors
