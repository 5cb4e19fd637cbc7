// seed: the only source of chance in the core: a splitmix64 stream, so that a member's choices
// follow from its options alone. Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators" (2014).
#pragma once

#include <cstdint>

#include "raft/types.hpp"

namespace troupe::raft {

class chance {
 public:
  /// Members of one group may share a seed: the id keeps their streams apart.
  chance(std::uint64_t seed, node_id self)
      : state_(seed ^ (self.value() * 0xd1342543de82ef95ULL)) {}

  std::uint64_t draw() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }

  /// A number in [0, bound); `bound` is not 0. The bias of the remainder is of no account here.
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(draw() % bound); }

 private:
  std::uint64_t state_;
};

}  // namespace troupe::raft
