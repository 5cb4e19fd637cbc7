// checker: whether the history of one key could have come from one register that did one operation
// at a time. Knows nothing of files, clusters and what failed in between.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/linearizability/history.hpp"

namespace troupe::linearizability {

enum class conclusion : std::uint8_t {
  linearizable,
  not_linearizable,
  undecided,  ///< the search was given up; nothing is known
  malformed,  ///< the history breaks the rules of histories, e.g. values that are not unique
};

struct check_options {
  std::uint64_t steps_max = 20'000'000;  ///< of the search, before it is given up
  bool find_window = true;               ///< explain a refusal
};

struct verdict {
  conclusion result = conclusion::linearizable;
  std::string reason;  ///< of a refusal, or what is malformed
  /// Operations that no order satisfies, whatever all others did; by start. Few enough to be read.
  history window;
};

verdict check(const history& operations, const check_options& options = {});

/// For people: the reason and the window, one operation a line.
std::string describe(const verdict& v);

}  // namespace troupe::linearizability
