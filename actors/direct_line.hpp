// direct_line: the connection to another node for a thread that has something to say and does not
// serve sockets: its frames are with the kernel when send() returns, and nobody is woken for them.
// Knows nothing of what they carry. The peer link has its own way, with queues and their limits;
// this one has none: what cannot be sent at once is refused.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "actors/frame_connection.hpp"

namespace troupe::actors {

class direct_line {
 public:
  void open(std::shared_ptr<frame_connection> to) {
    std::lock_guard lock(guard_);
    connection_ = std::move(to);
  }
  /// Nothing happens when another connection is open by now.
  void close(const std::shared_ptr<frame_connection>& to) {
    std::lock_guard lock(guard_);
    if (connection_ == to) connection_.reset();
  }

  /// False: nothing was sent, as no connection is open, or others' frames wait for it.
  bool send(std::string_view frames) const {
    std::unique_lock lock(guard_);
    const auto to = connection_;
    lock.unlock();
    return to && to->try_send(frames);
  }

 private:
  mutable std::mutex guard_;
  std::shared_ptr<frame_connection> connection_;
};

}  // namespace troupe::actors
