// Who should lead which group.
#include "groups/leader_preference.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "codec/group_name.hpp"

using namespace troupe;
using groups::leading_rank;

namespace {

raft::configuration voters(std::uint64_t count) {
  raft::configuration peers;
  for (std::uint64_t i = 1; i <= count; ++i) peers.voters.emplace_back(i);
  return peers;
}

raft::node_id first_choice(raft::group_id group, const raft::configuration& peers,
                           raft::node_id without = {}) {
  for (const auto n : peers.voters) {
    if (n != without && leading_rank(group, peers, n, without) == 0) return n;
  }
  return {};
}

raft::group_id numbered(int i) {
  return codec::group_id_of("load-" + std::to_string(i));
}

}  // namespace

TEST_CASE("every group has one first choice, and each node is that of about as many groups") {
  const auto peers = voters(3);
  std::map<raft::node_id, int> led;
  for (int i = 0; i < 3000; ++i) ++led[first_choice(numbered(i), peers)];
  REQUIRE(led.size() == 3);
  for (const auto& [node, groups] : led) CHECK((groups > 900 && groups < 1100));
}

TEST_CASE("the groups of a node that is gone spread over all others, and no other group moves") {
  const auto peers = voters(5);
  const raft::node_id gone{2};
  std::map<raft::node_id, int> inherited;
  for (int i = 0; i < 5000; ++i) {
    const auto before = first_choice(numbered(i), peers);
    const auto after = first_choice(numbered(i), peers, gone);
    if (before == gone) {
      ++inherited[after];
    } else {
      CHECK(after == before);
    }
  }
  REQUIRE(inherited.size() == 4);
  for (const auto& [node, groups] : inherited) CHECK((groups > 180 && groups < 320));
}
