// probe_state: what the probes of one instance add up to, and how often it is worth probing.
// Knows neither clock nor socket nor who commits what it finds. nacos-spec C.13.1, C.13.3.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace troupe::naming {

using probe_time = std::chrono::duration<double, std::milli>;

enum class probe_verdict : std::uint8_t {
  success,
  soft_failure,  ///< counts: a timeout, an overloaded server, an unreachable host
  hard_failure,  ///< enough by itself: refused, a wrong answer
  inconclusive,  ///< this node had no means to probe; says nothing of the instance
};

/// How many soft failures or successes in a row it takes to flip the health.
constexpr std::uint32_t check_times_default = 3;

class probe_state {
 public:
  /// One more probe of an instance whose committed health is `healthy`. The health to commit, when
  /// that is another one; as long as it is not, every further probe that says so asks again.
  std::optional<bool> count(probe_verdict verdict, bool healthy, std::uint32_t times);
  /// The committed health has changed: everything before it is spent.
  void forget() { *this = {}; }

  [[nodiscard]] std::uint32_t failures() const { return failures_; }
  [[nodiscard]] std::uint32_t successes() const { return successes_; }

 private:
  std::uint32_t failures_ = 0;   ///< in a row, while healthy
  std::uint32_t successes_ = 0;  ///< in a row, while unhealthy
};

/// One of the switches tcpHealthParams, httpHealthParams, mysqlHealthParams.
struct pace_limits {
  double max_ms = 5000;
  double min_ms = 1000;
  double factor = 0.75;  ///< how much of the pace so far stays, 0 to 1
  friend bool operator==(const pace_limits&, const pace_limits&) = default;
};

/// The normalised response time of one target, which is also the pause between its probes.
class probe_pace {
 public:
  explicit probe_pace(probe_time first) : normal_(first) {}

  void observe(probe_verdict verdict, probe_time took, const pace_limits& limits);
  [[nodiscard]] probe_time pause() const { return normal_; }

 private:
  probe_time normal_;
};

}  // namespace troupe::naming
