// told: operations written down in one line each, as the tests tell their stories. Times are plain
// numbers; only their order matters.
#pragma once

#include <string>
#include <utility>

#include "tests/linearizability/history.hpp"

namespace troupe::linearizability::told {

using version = std::optional<std::uint64_t>;
constexpr std::nullopt_t none = std::nullopt;

struct span {
  std::int64_t start = 0;
  std::int64_t end = never_ns;
};

inline operation told(op_kind kind, span when, outcome result) {
  static int client = 0;  // only described, never judged
  operation op;
  op.client = ++client;
  op.kind = kind;
  op.result = result;
  op.start_ns = when.start;
  op.end_ns = when.end;
  return op;
}

inline operation put(span when, std::string value, version v) {
  operation op = told(op_kind::put, when, outcome::ok);
  op.value = std::move(value);
  op.version = v;
  return op;
}

inline operation maybe_put(std::int64_t start, std::string value) {
  operation op = told(op_kind::put, {start}, outcome::unknown);
  op.value = std::move(value);
  return op;
}

inline operation get(span when, std::string value, version v) {
  operation op = told(op_kind::get, when, outcome::ok);
  op.observed = std::move(value);
  op.version = v;
  return op;
}

inline operation get_absent(span when) {
  return told(op_kind::get, when, outcome::ok);
}

inline operation cas(span when, version expected, std::string value, version v) {
  operation op = told(op_kind::cas, when, outcome::ok);
  op.expected = expected;
  op.value = std::move(value);
  op.version = v;
  return op;
}

inline operation refused_cas(span when, version expected, std::string value, version v) {
  operation op = cas(when, expected, std::move(value), v);
  op.result = outcome::failed;
  return op;
}

inline operation maybe_cas(std::int64_t start, version expected, std::string value) {
  operation op = told(op_kind::cas, {start}, outcome::unknown);
  op.expected = expected;
  op.value = std::move(value);
  return op;
}

inline operation remove(span when, version v = none) {
  operation op = told(op_kind::remove, when, outcome::ok);
  op.version = v;
  return op;
}

inline operation maybe_remove(std::int64_t start) {
  return told(op_kind::remove, {start}, outcome::unknown);
}

}  // namespace troupe::linearizability::told
