#include "tests/simulation/shortening.hpp"

#include <algorithm>

namespace troupe::simulation {

namespace {

bool fails(std::uint64_t seed, const plan_changes& changes) {
  return !run_seeds({seed, seed}, {.changes = changes}).failures.empty();
}

void drop_faults(std::uint64_t seed, plan_changes& changes) {
  for (std::size_t f = 0; f < fault_count; ++f) {
    auto without = changes;
    without.faults_off |= 1U << f;
    const bool is_on = plan_of(seed, changes).faults.has(static_cast<fault>(f));
    if (is_on && fails(seed, without)) {
      changes = without;
    }
  }
}

void drop_steps(std::uint64_t seed, plan_changes& changes) {
  for (std::uint64_t cut = changes.steps_max / 2; cut >= 64; cut /= 2) {
    auto fewer = changes;
    fewer.steps_max -= std::min(cut, fewer.steps_max);
    if (fails(seed, fewer)) {
      changes = fewer;
    }
  }
}

}  // namespace

plan_changes shortened(std::uint64_t seed, plan_changes changes) {
  drop_steps(seed, changes);
  drop_faults(seed, changes);
  drop_steps(seed, changes);
  return changes;
}

}  // namespace troupe::simulation
