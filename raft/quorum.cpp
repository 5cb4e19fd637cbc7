#include "raft/quorum.hpp"

namespace troupe::raft {

void votes::record(node_id from, bool granted) {
  if (!answer(from)) {
    answers_.emplace_back(from, granted);
  }
}

std::optional<bool> votes::answer(node_id from) const {
  const auto at = std::find_if(answers_.begin(), answers_.end(),
                               [from](const auto& a) { return a.first == from; });
  return at == answers_.end() ? std::nullopt : std::optional{at->second};
}

vote_result votes::result(std::span<const node_id> voters) const {
  const std::size_t majority = voters.size() / 2 + 1;
  std::size_t granted = 0;
  std::size_t refused = 0;
  for (const node_id voter : voters) {
    if (const auto said = answer(voter)) {
      ++(*said ? granted : refused);
    }
  }
  // An empty half of a joint configuration never stands in the way.
  if (voters.empty() || granted >= majority) {
    return vote_result::won;
  }
  return refused > voters.size() - majority ? vote_result::lost : vote_result::pending;
}

vote_result votes::result(const configuration& peers) const {
  const auto incoming = result(std::span{peers.voters});
  const auto outgoing = result(std::span{peers.outgoing});
  if (incoming == vote_result::lost || outgoing == vote_result::lost) {
    return vote_result::lost;
  }
  const bool both = incoming == vote_result::won && outgoing == vote_result::won;
  return both ? vote_result::won : vote_result::pending;
}

}  // namespace troupe::raft
