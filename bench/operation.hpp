// operation: what a caller asks for next: a read or a write, of which key in which group. Each
// caller has its own sequence from its own seed. Knows nothing of the target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "bench/load_options.hpp"

namespace troupe::bench {

struct operation {
  bool is_read = false;
  std::size_t group = 0;  ///< place among group_names()
  std::string key;
};

[[nodiscard]] std::string key_name(std::uint64_t number);

class operation_source {
 public:
  /// Callers begin at different groups and visit all in turn: no group gets more than another.
  operation_source(const load_options& options, std::uint64_t seed)
      : key_(0, options.keys - 1),
        is_read_(options.reads),
        groups_(options.groups),
        visits_(seed) {
    std::seed_seq spread{seed};  // a small engine's neighbouring seeds go on side by side
    random_.seed(spread);
  }

  [[nodiscard]] operation next();

 private:
  /// Small: thousands of callers share the caches with the nodes under load.
  std::minstd_rand random_;
  std::uniform_int_distribution<std::uint64_t> key_;
  std::bernoulli_distribution is_read_;
  std::size_t groups_;
  std::uint64_t visits_;
};

/// Bytes that do not compress, the same in every run.
[[nodiscard]] std::string sample_value(std::size_t bytes);

}  // namespace troupe::bench
