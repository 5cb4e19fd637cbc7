// random_history: histories that a register really produced, made by letting clients overlap around
// the moments at which their operations take effect. Seeded.
#pragma once

#include <cstdint>
#include <random>

#include "tests/linearizability/history.hpp"

namespace troupe::linearizability {

struct random_options {
  std::uint64_t seed = 1;
  int clients = 16;
  int operations = 1'000;
  int put_percent = 30;
  int cas_percent = 20;
  int remove_percent = 5;
  int unknown_percent = 2;             ///< of writes; half of them take effect, some long after
  int unreported_version_percent = 0;  ///< of puts and cas; a delete reports one half of the time
};

history random_history(const random_options& options);

}  // namespace troupe::linearizability
