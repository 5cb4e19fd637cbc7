// configuration_answers: how queries of the configuration centre are answered from its state. Knows
// nothing of how the state changes.
#pragma once

#include <string>

#include "persistence/state.hpp"
#include "processors/configuration_queries.hpp"
#include "raft/expected.hpp"

namespace troupe::processors::config {

/// The encoded answer, or why there is none.
using answered = raft::expected<std::string, std::string>;

answered answer(const get& q, const persistence::state_view& view);
answered answer(const search& q, const persistence::state_view& view);
answered answer(const list& q, const persistence::state_view& view);
answered answer(const history& q, const persistence::state_view& view);
answered answer(const get_history_row& q, const persistence::state_view& view);
answered answer(const previous_history_row& q, const persistence::state_view& view);

}  // namespace troupe::processors::config
