#include "bench/load_result.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace troupe::bench {
namespace {

double milliseconds(std::chrono::nanoseconds d) {
  return static_cast<double>(d.count()) / 1e6;
}

double cpu_microseconds_each(const load_result& result) {
  const auto operations = static_cast<double>(std::max<std::uint64_t>(result.latencies.count(), 1));
  return milliseconds(result.cpu) * 1e3 / operations;
}

std::string line(const char* form, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, form, values...);
  return text;
}

}  // namespace

double load_result::per_second() const {
  const auto seconds = static_cast<double>(measured.count()) / 1e9;
  return seconds > 0 ? static_cast<double>(latencies.count()) / seconds : 0;
}

std::string as_json(const std::string& target, const load_options& options,
                    const load_result& result) {
  const auto& l = result.latencies;
  nlohmann::ordered_json shown = {
      {"target", target},
      {"groups", options.groups},
      {"clients", options.clients},
      {"depth", options.depth},
      {"rate", options.rate},
      {"seconds", milliseconds(result.measured) / 1e3},
      {"value_bytes", options.value_bytes},
      {"keys", options.keys},
      {"reads", options.reads},
      {"consistency", options.local_reads ? "local" : "linearizable"},
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
      {"late", result.late},
      {"unsent", result.unsent},
      {"cpu_seconds", milliseconds(result.cpu) / 1e3},
      {"cpu_us_per_operation", cpu_microseconds_each(result)},
      {"longest_gap_ms", nullptr},
  };
  if (options.reads < 1) shown["longest_gap_ms"] = milliseconds(result.longest_gap);
  return shown.dump(2);
}

std::string as_text(const std::string& target, const load_options& options,
                    const load_result& result) {
  const auto& l = result.latencies;
  auto text =
      line("%s, %zu clients: %.0f/s; ms: p50 %.2f, p90 %.2f, p99 %.2f, p99.9 %.2f, max %.2f",
           target.c_str(), options.clients, result.per_second(), milliseconds(l.percentile(0.5)),
           milliseconds(l.percentile(0.9)), milliseconds(l.percentile(0.99)),
           milliseconds(l.percentile(0.999)), milliseconds(l.max()));
  text += line("\n  own CPU %.1f us each", cpu_microseconds_each(result));
  if (options.reads < 1) {
    text += line("; longest time without a write %.1f ms", milliseconds(result.longest_gap));
  }
  if (options.rate > 0) {
    text += line("\n  of %.0f/s wanted: %llu late, %llu unsent", options.rate,
                 static_cast<unsigned long long>(result.late),
                 static_cast<unsigned long long>(result.unsent));
  }
  for (const auto& [code, count] : result.errors) {
    text += "\n  error " + code + ": " + std::to_string(count);
  }
  return text;
}

}  // namespace troupe::bench
