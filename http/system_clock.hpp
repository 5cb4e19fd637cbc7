// system_clock: the time of day as proposers stamp it. Knows nothing of who asks.
#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::http {

/// Milliseconds since the epoch.
inline std::uint64_t system_now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace troupe::http
