// seeds: runs many simulations in child processes, so that a member that stops itself on a broken
// invariant, or a simulation that never ends, is the failure of one seed and no more. Knows nothing
// of what a simulation does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/plan.hpp"
#include "tests/simulation/trace.hpp"

namespace troupe::simulation {

struct seed_range {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

struct run_options {
  plan_changes changes;
  std::uint32_t jobs = 1;
  std::uint32_t failures_max = 0;  ///< stop after so many; 0: run all
  bool twice = false;              ///< each seed again: the same trace, byte for byte
};

struct failed_seed {
  std::uint64_t seed = 0;
  std::string what;
};

struct run_result {
  std::uint64_t seeds = 0;
  std::vector<failed_seed> failures;  ///< ascending
  tally counts;
  double seconds = 0;
};

run_result run_seeds(seed_range range, const run_options& options);

/// One seed in this process: what is broken, empty when nothing is. Prints the trace to `out`.
std::string run_seed(std::uint64_t seed, const plan_changes& changes, std::FILE* out,
                     std::FILE* newest_to = nullptr);

}  // namespace troupe::simulation
