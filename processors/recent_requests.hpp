// recent_requests: the last requests that a group has applied, with their answers, so that one that
// arrives twice takes effect once (nacos-spec H.3). Replicated: it is part of the group's state and
// the same on every node. Knows nothing of what the requests ask.
//
// Bounded by `kept`: a request that comes again behind so many others is applied again.
//
// On disk: do not change. Numbers are 8 bytes big-endian; ID is node, then request id.
//   "rn"      → requests remembered so far
//   "rs" slot → ID of the request in this slot; slots are used in turn
//   "rq" ID   → its answer
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/state.hpp"
#include "processors/stamp.hpp"

namespace troupe::processors {

class recent_requests {
 public:
  static constexpr std::uint64_t kept_default = 10'000;

  explicit recent_requests(std::uint64_t kept = kept_default) : kept_(kept) {}

  /// What was answered when the request was applied.
  [[nodiscard]] std::optional<std::string> answer(const persistence::state_view& view,
                                                  const stamp& request) const;
  void remember(persistence::state_batch& batch, const stamp& request,
                std::string_view answer) const;

 private:
  std::uint64_t kept_;
};

}  // namespace troupe::processors
