// status: how a disk operation ended. A failed sync stops the node; nothing is retried on top of
// it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace troupe::persistence {

enum class status_code : std::uint8_t {
  ok,
  stalled,   ///< the store asks writers to wait; nothing was written, try again later
  fenced,    ///< a newer opener of the group has taken over; nothing was written
  no_space,  ///< the disk is full
  io_error,  ///< the device or file system failed
  corrupt,   ///< a checksum or an invariant of the format does not hold; message says where
  mismatch,  ///< format version, node id or cluster id differ from what was asked for
  locked,    ///< another process holds the directory
  absent,    ///< what was asked for is not, or no longer, stored
};

class [[nodiscard]] status {
 public:
  status() = default;
  status(status_code code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] bool ok() const { return code_ == status_code::ok; }
  [[nodiscard]] status_code code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  status_code code_ = status_code::ok;
  std::string message_;
};

}  // namespace troupe::persistence
