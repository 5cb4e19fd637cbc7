// offending_window: the few operations of a refused history that are enough to refuse it. Knows
// nothing of how orders are searched.
#pragma once

#include <cstdint>

#include "tests/linearizability/history.hpp"

namespace troupe::linearizability {

/// `operations` was refused. The result, by start, cannot be ordered even when every other write of
/// the history may have taken effect whenever it suits, or never, and every other read is
/// forgotten.
history offending_window(const history& operations, std::uint64_t steps_max);

}  // namespace troupe::linearizability
