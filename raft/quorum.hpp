// quorum: what a majority of a possibly joint configuration says. Thesis §4.3: in the joint phase a
// decision needs a majority of the incoming and a majority of the outgoing voters. Knows neither
// logs nor messages.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "raft/configuration.hpp"
#include "raft/types.hpp"

namespace troupe::raft {

enum class vote_result : std::uint8_t { pending, won, lost };

/// Answers to one question put to all voters. The first answer of a member counts.
class votes {
 public:
  void record(node_id from, bool granted);
  [[nodiscard]] std::optional<bool> answer(node_id from) const;
  [[nodiscard]] vote_result result(const configuration& peers) const;

 private:
  [[nodiscard]] vote_result result(std::span<const node_id> voters) const;

  std::vector<std::pair<node_id, bool>> answers_;
};

/// The highest value that a majority of `voters` has reached; the maximum when nobody votes.
/// Voters are few: their values are sorted in place on the stack.
template <class Value, class Reached>
Value agreed_by_majority(std::span<const node_id> voters, const Reached& reached) {
  if (voters.empty()) {
    return Value{std::numeric_limits<std::uint64_t>::max()};
  }
  std::array<Value, 16> few;
  std::vector<Value> many;
  if (voters.size() > few.size()) {
    many.resize(voters.size());
  }
  Value* values = many.empty() ? few.data() : many.data();
  std::transform(voters.begin(), voters.end(), values, reached);
  Value* end = values + voters.size();
  Value* at = values + (voters.size() - 1) / 2;
  std::nth_element(values, at, end);
  return *at;
}

/// The highest value that every majority the configuration asks for has reached.
template <class Value, class Reached>
Value agreed(const configuration& peers, const Reached& reached) {
  const auto incoming = agreed_by_majority<Value>(std::span{peers.voters}, reached);
  if (!peers.is_joint()) {
    return incoming;
  }
  return std::min(incoming, agreed_by_majority<Value>(std::span{peers.outgoing}, reached));
}

}  // namespace troupe::raft
