// group_writers: one writer for each of many groups, and when each of them got a write through
// again after a moment that the caller marks, such as the death of a node. Knows nothing of nodes.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "groups/group.hpp"

namespace troupe::bench {

struct writers_options {
  std::chrono::milliseconds pause{250};  ///< between an answer and the group's next write
  std::chrono::milliseconds request_timeout{10'000};
  std::size_t value_bytes = 256;
};

/// For each group, from the mark to the first answer to a write that was begun behind it.
using recovery_times = std::vector<std::chrono::steady_clock::duration>;

/// Everything happens on the thread that runs `io`.
class group_writers {
 public:
  group_writers(boost::asio::io_context& io, writers_options options, std::vector<group> targets);

  /// `done` is called once every group got a write through.
  void start(std::function<void()> done);
  /// Counts from now; `done` hears once every group got a write through that was begun later.
  void mark(std::function<void(recovery_times)> done);

 private:
  using clock = std::chrono::steady_clock;

  struct writer {
    writer(boost::asio::io_context& io, group g) : target(std::move(g)), next(io) {}
    group target;
    boost::asio::steady_timer next;
    bool has_written = false;
    clock::time_point first;  ///< answer behind the mark
  };

  void write(std::size_t number);
  void write_after(std::size_t number, std::chrono::milliseconds pause);
  void answered(std::size_t number, clock::time_point began, bool ok);

  boost::asio::io_context& io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> running_;
  const writers_options options_;
  const std::string value_;
  std::vector<writer> writers_;
  clock::time_point marked_;
  std::size_t missing_ = 0;
  std::function<void(recovery_times)> done_;
};

}  // namespace troupe::bench
