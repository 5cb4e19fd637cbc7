// load_recorder: collects from any thread what the requests of one run came to. What ends before
// the warm-up is over or after the measured time does not count. Knows nothing of the target.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "bench/load_options.hpp"
#include "bench/load_result.hpp"

namespace troupe::bench {

using clock = std::chrono::steady_clock;

/// What happened since somebody last asked.
struct recent_load {
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::chrono::nanoseconds slowest{};
};

class load_recorder {
 public:
  load_recorder(const load_options& options, clock::time_point begin)
      : from_(begin + options.warmup), until_(from_ + options.measured), last_write_(from_) {}

  [[nodiscard]] clock::time_point from() const { return from_; }
  [[nodiscard]] clock::time_point until() const { return until_; }
  [[nodiscard]] bool is_over() const { return clock::now() >= until_; }

  void succeeded(bool is_read, clock::time_point began, clock::time_point now);
  void failed(const std::string& code, clock::time_point now);
  /// Open loop: a request that was due at `due` begins now.
  void began(clock::time_point due, clock::time_point now);
  void unsent(std::uint64_t count);
  void used_cpu(std::chrono::nanoseconds cpu);

  [[nodiscard]] recent_load take_recent();
  [[nodiscard]] load_result take();

 private:
  [[nodiscard]] bool counts(clock::time_point at) const { return at >= from_ && at < until_; }
  void wrote(clock::time_point now);

  const clock::time_point from_;
  const clock::time_point until_;
  std::mutex guard_;
  clock::time_point last_write_;
  recent_load recent_;
  load_result result_;
};

}  // namespace troupe::bench
