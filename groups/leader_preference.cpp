#include "groups/leader_preference.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace troupe::groups {
namespace {

/// The finaliser of MurmurHash3: every bit of the sum moves every bit of the weight.
std::uint64_t weight(raft::group_id group, raft::node_id node) {
  auto h = group.value() + node.value() * 0x9e3779b97f4a7c15ULL;
  h = (h ^ (h >> 33U)) * 0xff51afd7ed558ccdULL;
  h = (h ^ (h >> 33U)) * 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33U);
}

}  // namespace

std::size_t leading_rank(raft::group_id group, const raft::configuration& peers, raft::node_id self,
                         raft::node_id without) {
  const auto order = [group](raft::node_id n) { return std::pair(weight(group, n), n); };
  return static_cast<std::size_t>(
      std::count_if(peers.voters.begin(), peers.voters.end(), [&](raft::node_id other) {
        return other != without && other != self && order(self) < order(other);
      }));
}

}  // namespace troupe::groups
