// bytes: an immutable run of bytes that shares ownership of the buffer it lies in, so that a
// payload is received once and handed on without a copy. Knows nothing of what the bytes mean.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::raft {

class bytes {
 public:
  bytes() = default;

  /// Takes over `text` as a buffer of its own.
  explicit bytes(std::string text) {
    auto held = std::make_shared<const std::string>(std::move(text));
    view_ = *held;
    owner_ = std::move(held);
  }

  /// A part of a larger buffer: `view` must lie in memory that `owner` keeps alive.
  bytes(std::shared_ptr<const void> owner, std::string_view view)
      : owner_(std::move(owner)), view_(view) {}

  [[nodiscard]] std::string_view view() const { return view_; }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }

  friend bool operator==(const bytes& a, const bytes& b) { return a.view_ == b.view_; }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view view_;
};

}  // namespace troupe::raft
