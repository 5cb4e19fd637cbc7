#include "naming/probe_state.hpp"

#include <algorithm>
#include <limits>

namespace troupe::naming {

namespace {

/// Counts for as long as a flip cannot be committed, which may be long.
void count_up(std::uint32_t& n) {
  if (n < std::numeric_limits<std::uint32_t>::max()) ++n;
}

}  // namespace

std::optional<bool> probe_state::count(probe_verdict verdict, bool healthy, std::uint32_t times) {
  switch (verdict) {
    case probe_verdict::inconclusive:
      return std::nullopt;
    case probe_verdict::success:
      failures_ = 0;
      if (healthy) return std::nullopt;
      count_up(successes_);
      return successes_ >= times ? std::optional(true) : std::nullopt;
    case probe_verdict::soft_failure:
      successes_ = 0;
      if (!healthy) return std::nullopt;
      count_up(failures_);
      return failures_ >= times ? std::optional(false) : std::nullopt;
    case probe_verdict::hard_failure:
      successes_ = 0;
      return healthy ? std::optional(false) : std::nullopt;
  }
  return std::nullopt;
}

void probe_pace::observe(probe_verdict verdict, probe_time took, const pace_limits& limits) {
  // C.13.1: what failed hard is asked again late, what is slow ever later.
  auto rt = took.count();
  if (verdict == probe_verdict::soft_failure) rt = 2 * normal_.count();
  if (verdict == probe_verdict::hard_failure) rt = limits.max_ms;
  if (verdict == probe_verdict::inconclusive) rt = normal_.count();
  const auto mixed = limits.factor * normal_.count() + (1 - limits.factor) * rt;
  normal_ = probe_time{std::clamp(mixed, limits.min_ms, std::max(limits.min_ms, limits.max_ms))};
}

}  // namespace troupe::naming
