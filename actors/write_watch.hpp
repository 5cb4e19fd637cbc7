// write_watch: since when the log writer has been at what it is doing now. It says so itself; every
// member of the node may look, at no cost. Knows nothing of what is written, nor of what is too
// long.
#pragma once

#include <atomic>

#include "actors/result.hpp"

namespace troupe::actors {

class write_watch {
 public:
  void begin(clock::time_point now) { since_.store(now.time_since_epoch().count()); }
  void end() { since_.store(idle); }

  /// For how long what is under way has been; nothing when nothing is.
  [[nodiscard]] clock::duration under_way(clock::time_point now) const {
    const auto since = since_.load();
    if (since == idle) return {};
    return now - clock::time_point{clock::duration{since}};
  }

 private:
  static constexpr clock::rep idle = 0;
  std::atomic<clock::rep> since_{idle};
};

}  // namespace troupe::actors
