#include "bench/load_recorder.hpp"

#include <algorithm>
#include <utility>

namespace troupe::bench {

void load_recorder::succeeded(bool is_read, clock::time_point began, clock::time_point now) {
  std::lock_guard lock(guard_);
  ++recent_.succeeded;
  recent_.slowest = std::max<std::chrono::nanoseconds>(recent_.slowest, now - began);
  if (!counts(now)) return;
  result_.latencies.record(now - began);
  if (!is_read) wrote(now);
}

void load_recorder::wrote(clock::time_point now) {
  // Of two threads the one that looked at the clock first may come second.
  if (now <= last_write_) return;
  result_.longest_gap = std::max<std::chrono::nanoseconds>(result_.longest_gap, now - last_write_);
  last_write_ = now;
}

void load_recorder::failed(const std::string& code, clock::time_point now) {
  std::lock_guard lock(guard_);
  ++recent_.failed;
  if (counts(now)) ++result_.errors[code];
}

void load_recorder::began(clock::time_point due, clock::time_point now) {
  if (!counts(due) || now - due <= late_after) return;
  std::lock_guard lock(guard_);
  ++result_.late;
}

void load_recorder::unsent(std::uint64_t count) {
  std::lock_guard lock(guard_);
  result_.unsent = count;
}

void load_recorder::used_cpu(std::chrono::nanoseconds cpu) {
  std::lock_guard lock(guard_);
  result_.cpu = cpu;
}

recent_load load_recorder::take_recent() {
  std::lock_guard lock(guard_);
  return std::exchange(recent_, {});
}

load_result load_recorder::take() {
  std::lock_guard lock(guard_);
  wrote(until_);  // that nothing was written until the end is a gap, too
  result_.measured = until_ - from_;
  return result_;
}

}  // namespace troupe::bench
