// load_result: what one run of load measured, and how it is shown. Knows nothing of the target.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "bench/latency_histogram.hpp"
#include "bench/load_options.hpp"

namespace troupe::bench {

struct load_result {
  latency_histogram latencies;  ///< of what succeeded; in an open loop from when it was due
  std::map<std::string, std::uint64_t> errors;
  std::chrono::nanoseconds measured{};
  /// The longest time in which no write succeeded; meaningless when all requests were reads.
  std::chrono::nanoseconds longest_gap{};
  std::chrono::nanoseconds cpu{};  ///< of this process in the measured time
  std::uint64_t late = 0;          ///< open loop: began more than `late_after` after it was due
  std::uint64_t unsent = 0;        ///< open loop: due in the measured time and never begun

  [[nodiscard]] double per_second() const;
};

constexpr std::chrono::milliseconds late_after{1};

/// One run as an object of JSON.
[[nodiscard]] std::string as_json(const std::string& target, const load_options& options,
                                  const load_result& result);
[[nodiscard]] std::string as_text(const std::string& target, const load_options& options,
                                  const load_result& result);

}  // namespace troupe::bench
