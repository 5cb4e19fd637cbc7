// load_watch: a thread beside the load that notes what this process uses in the measured time and,
// if asked, prints a line a second on stderr. Knows nothing of requests.
#pragma once

#include <thread>

#include "bench/load_options.hpp"
#include "bench/load_recorder.hpp"

namespace troupe::bench {

class load_watch {
 public:
  load_watch(const load_options& options, load_recorder& recorder);
  /// Returns once the measured time is over and the recorder knows what was used.
  ~load_watch() { thread_.join(); }
  load_watch(const load_watch&) = delete;
  load_watch& operator=(const load_watch&) = delete;

 private:
  std::thread thread_;
};

}  // namespace troupe::bench
