// frame_batch: collects encoded objects into as few frames as their size allows. Knows nothing of
// sockets or of what the objects are.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "codec/frame.hpp"

namespace troupe::actors {

class frame_batch {
 public:
  /// Small enough that a body holds fewer objects than a frame may (codec::frame_messages_max).
  static constexpr std::size_t body_bytes_goal = 256U << 10U;

  explicit frame_batch(codec::frame_kind kind) : kind_(kind) {}

  /// Append one whole object here, or a piece of several that is not much longer than
  /// body_bytes_goal; each call may return another body. What is appended must be smaller than
  /// codec::frame_body_bytes_max - body_bytes_goal.
  std::string& open() {
    if (bodies_.empty() || bodies_.back().size() >= body_bytes_goal) {
      full_bytes_ = bytes();
      bodies_.emplace_back();
    }
    return bodies_.back();
  }

  [[nodiscard]] std::size_t bytes() const {
    return bodies_.empty() ? 0 : full_bytes_ + bodies_.back().size();
  }

  /// Everything collected so far, as frames one after the other; empty when there is nothing.
  [[nodiscard]] std::string take_frames() {
    std::string frames;
    for (const auto& body : bodies_) {
      frames += codec::encode_frame_header(kind_, body);
      frames += body;
    }
    clear();
    return frames;
  }

  void clear() {
    bodies_.clear();
    full_bytes_ = 0;
  }

 private:
  codec::frame_kind kind_;
  std::vector<std::string> bodies_;
  std::size_t full_bytes_ = 0;  ///< of all bodies but the last
};

}  // namespace troupe::actors
