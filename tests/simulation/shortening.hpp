// shortening: makes the simulation of a failing seed smaller while it still fails: fewer kinds of
// faults, fewer steps. Knows nothing of why it fails.
#pragma once

#include "tests/simulation/seeds.hpp"

namespace troupe::simulation {

plan_changes shortened(std::uint64_t seed, plan_changes changes);

}  // namespace troupe::simulation
