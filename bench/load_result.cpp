#include "bench/load_result.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace troupe::bench {
namespace {

double milliseconds(std::chrono::nanoseconds d) { return static_cast<double>(d.count()) / 1e6; }

}  // namespace

double load_result::per_second() const {
  const auto seconds = static_cast<double>(measured.count()) / 1e9;
  return seconds > 0 ? static_cast<double>(latencies.count()) / seconds : 0;
}

void load_recorder::succeeded(clock::time_point began) {
  const auto now = clock::now();
  if (!counts(now)) return;
  std::lock_guard lock(guard_);
  result_.latencies.record(now - began);
}

void load_recorder::failed(const std::string& code) {
  if (!counts(clock::now())) return;
  std::lock_guard lock(guard_);
  ++result_.errors[code];
}

load_result load_recorder::take() {
  std::lock_guard lock(guard_);
  result_.measured = until_ - from_;
  return result_;
}

std::string as_json(const std::string& target, const load_options& options,
                    const load_result& result) {
  const auto& l = result.latencies;
  const nlohmann::ordered_json shown = {
      {"target", target},
      {"clients", options.clients},
      {"seconds", milliseconds(result.measured) / 1e3},
      {"value_bytes", options.value_bytes},
      {"keys", options.keys},
      {"reads", options.reads},
      {"operations", l.count()},
      {"per_second", result.per_second()},
      {"latency_ms",
       {{"mean", milliseconds(l.mean())},
        {"p50", milliseconds(l.percentile(0.5))},
        {"p90", milliseconds(l.percentile(0.9))},
        {"p99", milliseconds(l.percentile(0.99))},
        {"p99.9", milliseconds(l.percentile(0.999))},
        {"max", milliseconds(l.max())}}},
      {"errors", nlohmann::json(result.errors)},
  };
  return shown.dump(2);
}

std::string as_text(const std::string& target, const load_options& options,
                    const load_result& result) {
  const auto& l = result.latencies;
  char line[256];
  std::snprintf(line, sizeof line,
                "%s, %zu clients: %.0f/s; ms: p50 %.2f, p90 %.2f, p99 %.2f, p99.9 %.2f, max %.2f",
                target.c_str(), options.clients, result.per_second(),
                milliseconds(l.percentile(0.5)), milliseconds(l.percentile(0.9)),
                milliseconds(l.percentile(0.99)), milliseconds(l.percentile(0.999)),
                milliseconds(l.max()));
  std::string text = line;
  for (const auto& [code, count] : result.errors) {
    text += "\n  error " + code + ": " + std::to_string(count);
  }
  return text;
}

}  // namespace troupe::bench
