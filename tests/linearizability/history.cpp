#include "tests/linearizability/history.hpp"

#include <cstdio>

namespace troupe::linearizability {
namespace {

std::string version_text(const std::optional<std::uint64_t>& version) {
  return version ? "version " + std::to_string(*version) : "an unreported version";
}

std::string asked(const operation& op) {
  switch (op.kind) {
    case op_kind::put:
      return "put \"" + op.value + "\"";
    case op_kind::get:
      return "get";
    case op_kind::cas:
      return "cas " + (op.expected ? "version " + std::to_string(*op.expected) : "absent") +
             " -> \"" + op.value + "\"";
    case op_kind::remove:
      return "delete";
  }
  return {};
}

std::string answered(const operation& op) {
  if (op.result == outcome::unknown) {
    return "outcome unknown";
  }
  if (op.result == outcome::failed) {
    return op.version ? "refused by " + version_text(op.version) : "refused";
  }
  if (op.kind == op_kind::get) {
    return op.observed ? "saw \"" + *op.observed + "\" of " + version_text(op.version)
                       : "saw nothing";
  }
  return op.version ? "done as " + version_text(op.version) : "done";
}

}  // namespace

std::string describe(const operation& op) {
  char times[64];
  constexpr double ns_per_ms = 1e6;
  if (op.end_ns == never_ns) {
    std::snprintf(times, sizeof times, "[%12.6f ..            - ] ms",
                  static_cast<double>(op.start_ns) / ns_per_ms);
  } else {
    std::snprintf(times, sizeof times, "[%12.6f .. %12.6f] ms",
                  static_cast<double>(op.start_ns) / ns_per_ms,
                  static_cast<double>(op.end_ns) / ns_per_ms);
  }
  return std::string(times) + "  client " + std::to_string(op.client) + "  " + asked(op) + ": " +
         answered(op);
}

}  // namespace troupe::linearizability
