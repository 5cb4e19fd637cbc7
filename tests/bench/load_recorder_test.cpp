#include "bench/load_recorder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace std::chrono_literals;
using namespace troupe::bench;

namespace {

const clock::time_point begin{100s};

load_options options() {
  load_options o;
  o.warmup = 1s;
  o.measured = 10s;
  return o;
}

}  // namespace

TEST_CASE("what ends in the warm-up or after the measured time does not count") {
  load_recorder r(options(), begin);
  r.succeeded(false, begin, begin + 999ms);
  r.failed("overloaded", begin + 999ms);
  r.succeeded(false, begin, begin + 1s);
  r.failed("overloaded", begin + 2s);
  r.succeeded(false, begin, begin + 11s);
  const auto result = r.take();
  CHECK(result.latencies.count() == 1);
  CHECK(result.errors == std::map<std::string, std::uint64_t>{{"overloaded", 1}});
  CHECK(result.measured == 10s);
}

TEST_CASE("the longest gap is between writes that succeeded, whatever reads and failures did") {
  load_recorder r(options(), begin);
  const auto from = r.from();
  r.succeeded(false, from, from + 2s);
  r.succeeded(true, from, from + 3s);
  r.failed("no_leader", from + 4s);
  r.succeeded(false, from, from + 7s);
  r.succeeded(false, from, from + 6s);  // recorded late by another thread
  r.succeeded(false, from, from + 9s);
  CHECK(r.take().longest_gap == 5s);
}

TEST_CASE("a gap may begin with the measured time or last until its end") {
  load_recorder never(options(), begin);
  CHECK(never.take().longest_gap == 10s);
  load_recorder early(options(), begin);
  early.succeeded(false, begin, early.from() + 1s);
  CHECK(early.take().longest_gap == 9s);
}

TEST_CASE("requests that begin long after they were due are late") {
  load_recorder r(options(), begin);
  r.began(r.from(), r.from() + late_after);
  r.began(r.from(), r.from() + late_after + 1ns);
  r.began(r.from() - 1ms, r.from() + 1s);  // due in the warm-up
  CHECK(r.take().late == 1);
}

TEST_CASE("the JSON of a run has its whole set, and no gap when nothing was written") {
  auto o = options();
  load_recorder r(o, begin);
  for (int i = 1; i <= 100; ++i) r.succeeded(false, r.from(), r.from() + i * 1ms);
  r.unsent(3);
  r.used_cpu(1ms);
  const auto result = r.take();
  auto shown = nlohmann::json::parse(as_json("native", o, result));
  CHECK(shown["per_second"] == 10.0);
  CHECK(shown["unsent"] == 3);
  CHECK(shown["cpu_us_per_operation"] == 10.0);
  CHECK(shown["latency_ms"]["max"] == 100.0);
  CHECK(shown["longest_gap_ms"] == 9'900.0);
  for (const auto* key : {"p50", "p90", "p99", "p99.9"}) CHECK(shown["latency_ms"].contains(key));
  o.reads = 1;
  shown = nlohmann::json::parse(as_json("native", o, result));
  CHECK(shown["longest_gap_ms"].is_null());
}
