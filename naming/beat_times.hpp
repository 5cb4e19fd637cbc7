// beat_times: how often an instance gives a sign of life, and what follows when it does not; its
// own metadata may say so (nacos-spec C.4.3, C.4.4). Knows nothing of clocks.
#pragma once

#include <cstdint>
#include <string>

#include "processors/naming_records.hpp"

namespace troupe::naming {

struct beat_times {
  std::uint64_t interval_ms = 5'000;
  std::uint64_t unhealthy_after_ms = 15'000;
  std::uint64_t removed_after_ms = 30'000;
  bool own_interval = false;  ///< the metadata says it, so that no switch changes it

  /// What is no number counts as not said.
  static beat_times of(const processors::naming::text_map& metadata);
};

}  // namespace troupe::naming
