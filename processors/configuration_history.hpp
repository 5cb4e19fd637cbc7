// configuration_history: the rows that changes of configurations leave behind: added in apply,
// dropped by age when the leader says so, and by number or size when there are too many. Knows
// nothing of what a change does to a configuration. nacos-spec C.8.4, E.5.
#pragma once

#include <cstdint>

#include "persistence/state.hpp"
#include "processors/configuration_messages.hpp"

namespace troupe::processors::config {

/// The same on every node: part of what apply does.
struct history_limits {
  std::uint64_t rows_max = 1'000'000;
  std::uint64_t content_bytes_max = std::uint64_t{8} << 30U;
};

/// Adds a row under the next id. Beyond a limit the oldest rows go, whatever their age.
void append_history(persistence::state_batch& batch, history_row row, std::string_view content,
                    const history_limits& limits);

trim_reply trim_history(persistence::state_batch& batch, const history_trim& wanted);

}  // namespace troupe::processors::config
