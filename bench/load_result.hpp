// load_result: what one run of load measured, and how it is shown. load_recorder collects it from
// any thread. Knows nothing of the target.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "bench/latency_histogram.hpp"
#include "bench/load_options.hpp"

namespace troupe::bench {

using clock = std::chrono::steady_clock;

struct load_result {
  latency_histogram latencies;  ///< of what succeeded
  std::map<std::string, std::uint64_t> errors;
  std::chrono::nanoseconds measured{};

  [[nodiscard]] double per_second() const;
};

/// What ends before the warm-up is over or after the measured time does not count.
class load_recorder {
 public:
  explicit load_recorder(const load_options& options)
      : from_(clock::now() + options.warmup), until_(from_ + options.measured) {}

  [[nodiscard]] bool is_over() const { return clock::now() >= until_; }
  void succeeded(clock::time_point began);
  void failed(const std::string& code);
  [[nodiscard]] load_result take();

 private:
  [[nodiscard]] bool counts(clock::time_point now) const { return now >= from_ && now < until_; }

  const clock::time_point from_;
  const clock::time_point until_;
  std::mutex guard_;
  load_result result_;
};

[[nodiscard]] std::string as_json(const std::string& target, const load_options& options,
                                  const load_result& result);
[[nodiscard]] std::string as_text(const std::string& target, const load_options& options,
                                  const load_result& result);

}  // namespace troupe::bench
