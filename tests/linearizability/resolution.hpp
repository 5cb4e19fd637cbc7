// resolution: what a history says before any order is tried: who wrote what each read saw, which
// unknown writes must have happened, and whether two answers contradict each other outright. Knows
// nothing of orders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/linearizability/history.hpp"

namespace troupe::linearizability {

enum class action : std::uint8_t { put, cas, remove, read_value, read_absent, cas_refused };

/// What stands under the key is named by the operation that wrote it.
using writer_id = std::int32_t;
constexpr writer_id absent = -1;
/// A value that no get saw: which one it is makes no difference to anybody.
constexpr writer_id unseen = -2;

struct step {
  action does = action::put;
  bool has_version = false;
  bool expects_absent = false;  ///< cas, cas_refused
  writer_id writer = absent;    ///< what it leaves (put, cas) or saw (read_value)
  std::uint64_t version = 0;    ///< its own, or the one reported by cas_refused
  std::uint64_t expected = 0;   ///< cas, cas_refused, unless expects_absent
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
};

struct resolution {
  std::vector<step> definite;  ///< happened, between start and end
  std::vector<step>
      possible;            ///< writes that may take effect at any time after their start, or never
  bool malformed = false;  ///< the history breaks the rules of histories
  std::string contradiction;  ///< empty when there is none
  std::vector<std::size_t>
      contradicting;  ///< operations that it is about, as places in the history
};

resolution resolve(const history& operations);

}  // namespace troupe::linearizability
