// prober: asks one server once whether it serves. What the health checker needs of sockets, so that
// it can be tested without. Knows nothing of instances, counters and schedules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "naming/probe_state.hpp"
#include "processors/naming_records.hpp"

namespace troupe::naming {

/// What is probed: equal targets are probed once, however many instances stand behind them.
struct probe_target {
  std::string host;  ///< an address or a name
  std::uint16_t port = 0;
  processors::naming::health_checker checker;  ///< TCP, HTTP or MYSQL

  /// "TCP 10.0.0.1:8080"; never what the checker is allowed to know, such as a password
  [[nodiscard]] std::string label() const;
  friend bool operator==(const probe_target&, const probe_target&) = default;
};

struct probe_target_hash {
  std::size_t operator()(const probe_target& t) const;
};

struct probe_outcome {
  probe_verdict verdict = probe_verdict::inconclusive;
  probe_time took{0};
  std::string why;  ///< completes the sentence "TCP 10.0.0.1:8080: …"; empty for a success
};

class prober {
 public:
  prober() = default;
  prober(const prober&) = delete;
  prober& operator=(const prober&) = delete;
  virtual ~prober() = default;

  /// Does not block. Calls `done` once, from any thread, also before it returns; every checker has
  /// a limit of time, so that this is within seconds. At the end of the node it may stay uncalled.
  virtual void probe(const probe_target& target, std::function<void(probe_outcome)> done) = 0;
};

}  // namespace troupe::naming
