#include "codec/frame_reader.hpp"

#include <memory>
#include <utility>

namespace troupe::codec {

void frame_reader::append(std::string_view received) {
  incoming_.append(received);
}

raft::expected<std::optional<frame>, decode_error> frame_reader::next(std::size_t body_bytes_max) {
  const auto waiting = std::string_view(incoming_).substr(at_);
  if (!header_ && waiting.size() >= frame_header_bytes) {
    const auto header = decode_frame_header(waiting.substr(0, frame_header_bytes));
    if (!header) {
      return raft::unexpected(header.error());
    }
    if (header->body_bytes > body_bytes_max) {
      return raft::unexpected(
          decode_error{"frame body length: " + std::to_string(header->body_bytes) + ", at most " +
                       std::to_string(body_bytes_max) + " allowed here"});
    }
    header_ = *header;
    at_ += frame_header_bytes;
  }
  if (!header_ || incoming_.size() - at_ < header_->body_bytes) {
    incoming_.erase(0, at_);
    at_ = 0;
    return std::optional<frame>();
  }
  auto body = std::make_shared<const std::string>(incoming_, at_, header_->body_bytes);
  if (!frame_body_matches(*header_, *body)) {
    return raft::unexpected(decode_error{"frame checksum: does not match"});
  }
  at_ += body->size();
  const std::string_view all = *body;
  frame whole{header_->kind, raft::bytes(std::move(body), all)};
  header_.reset();
  return std::optional(std::move(whole));
}

}  // namespace troupe::codec
