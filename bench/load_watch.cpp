#include "bench/load_watch.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

namespace troupe::bench {
namespace {

constexpr std::chrono::seconds between_lines{1};

std::chrono::nanoseconds as_duration(const timeval& t) {
  return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
}

std::chrono::nanoseconds cpu_so_far() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return as_duration(used.ru_utime) + as_duration(used.ru_stime);
}

void print_line(double second, const char* phase, const recent_load& recent) {
  std::fprintf(stderr, "%6.0f s%s: %llu/s, slowest %.1f ms, %llu errors\n", second, phase,
               static_cast<unsigned long long>(recent.succeeded),
               static_cast<double>(recent.slowest.count()) / 1e6,
               static_cast<unsigned long long>(recent.failed));
}

/// Until `end`, a line after each whole second since `begin`.
void wait(clock::time_point begin, clock::time_point end, const char* phase, bool progress,
          load_recorder& recorder) {
  auto line = begin + between_lines;
  for (; progress && line <= end; line += between_lines) {
    std::this_thread::sleep_until(line);
    const std::chrono::duration<double> since = line - begin;
    print_line(since.count(), phase, recorder.take_recent());
  }
  std::this_thread::sleep_until(end);
}

}  // namespace

load_watch::load_watch(const load_options& options, load_recorder& recorder)
    : thread_([options, &recorder] {
        wait(recorder.from() - options.warmup, recorder.from(), " of warm-up", options.progress,
             recorder);
        const auto before = cpu_so_far();
        wait(recorder.from(), recorder.until(), "", options.progress, recorder);
        recorder.used_cpu(cpu_so_far() - before);
      }) {}

}  // namespace troupe::bench
