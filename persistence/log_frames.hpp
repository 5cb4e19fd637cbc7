// log_frames: the header of a segment and the frames behind it: what is written as a whole or not
// at all. docs/log-format.md describes them. On disk: do not change without a new format version.
// Knows nothing of files, nor of what is in a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::persistence {

constexpr std::string_view log_version = "troupe log 2";
constexpr std::size_t segment_header_bytes = 40;
constexpr std::size_t frame_header_bytes = 20;
/// The length is 4 bytes, and places of entries are.
constexpr std::uint64_t frame_bytes_max = 1U << 30U;

/// From 1 up, without gaps. Eight bytes on disk; four keep the places of entries small.
using segment_number = std::uint32_t;

struct segment_header {
  segment_number number = 0;
  /// Of the first frame. The segment before ends there, whatever else it may hold.
  std::uint64_t first_batch = 0;
};

std::string encode_segment_header(const segment_header& header);

struct segment_header_view {
  std::optional<segment_header> header;  ///< nothing when damaged, or of another version
  std::string_view other_version;        ///< a whole header, but not of this program
};
segment_header_view decode_segment_header(std::string_view segment);

/// Makes `out` begin with room for a frame's header; the body follows, then the seal.
void begin_frame(std::string& out);
void seal_frame(std::uint64_t number, std::string& frame);

struct frame_view {
  std::uint64_t number = 0;
  std::size_t body_at = 0;  ///< in the segment
  std::string_view body;
  [[nodiscard]] std::size_t end() const { return body_at + body.size(); }
};

/// What the frame behind the segment's header takes, if that is whole; `segment` may end behind the
/// frame's own header.
std::uint64_t first_frame_bytes(std::string_view segment);
/// The frame at this offset; nothing when there is no whole one.
std::optional<frame_view> read_frame(std::string_view segment, std::size_t at);
/// The first frame behind `from` whose number is above this one, wherever it begins.
std::optional<frame_view> find_frame(std::string_view segment, std::size_t from,
                                     std::uint64_t above);

}  // namespace troupe::persistence
