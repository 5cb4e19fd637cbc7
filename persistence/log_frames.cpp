// log_frames: see the header.
#include "persistence/log_frames.hpp"

#include "codec/checksum.hpp"
#include "persistence/big_endian.hpp"

namespace troupe::persistence {
namespace {

constexpr std::size_t version_bytes = 16;
constexpr std::size_t number_bytes = sizeof(std::uint64_t);
constexpr std::size_t length_at = number_bytes;
constexpr std::size_t number_at = length_at + sizeof(std::uint32_t);
static_assert(number_at + number_bytes == frame_header_bytes);

}  // namespace

std::string encode_segment_header(const segment_header& header) {
  std::string out(log_version);
  out.resize(version_bytes);
  append_big_endian(out, std::uint64_t{header.number});
  append_big_endian(out, header.first_batch);
  append_big_endian(out, codec::checksum64(out));
  return out;
}

segment_header_view decode_segment_header(std::string_view segment) {
  if (segment.size() < segment_header_bytes) return {};
  const auto sealed = segment.substr(0, segment_header_bytes - number_bytes);
  if (codec::checksum64(sealed) != read_big_endian<std::uint64_t>(segment, sealed.size())) {
    return {};
  }
  const auto version = sealed.substr(0, sealed.substr(0, version_bytes).find_last_not_of('\0') + 1);
  if (version != log_version) return {std::nullopt, version};
  const auto number = read_big_endian<std::uint64_t>(sealed, version_bytes);
  const auto first_batch = read_big_endian<std::uint64_t>(sealed, version_bytes + number_bytes);
  if (number > UINT32_MAX) return {};
  return {segment_header{static_cast<segment_number>(number), first_batch}, {}};
}

void begin_frame(std::string& out) {
  out.assign(frame_header_bytes, '\0');
}

void seal_frame(std::uint64_t number, std::string& frame) {
  const auto length = static_cast<std::uint32_t>(frame.size() - frame_header_bytes);
  codec::store_big_endian(length, frame.data() + length_at);
  codec::store_big_endian(number, frame.data() + number_at);
  codec::store_big_endian(codec::checksum64(std::string_view(frame).substr(length_at)),
                          frame.data());
}

std::uint64_t first_frame_bytes(std::string_view segment) {
  if (segment.size() < segment_header_bytes + frame_header_bytes) return 0;
  return frame_header_bytes +
         std::uint64_t{read_big_endian<std::uint32_t>(segment, segment_header_bytes + length_at)};
}

std::optional<frame_view> read_frame(std::string_view segment, std::size_t at) {
  if (at > segment.size() || segment.size() - at < frame_header_bytes) return std::nullopt;
  const auto length = read_big_endian<std::uint32_t>(segment, at + length_at);
  const auto body_at = at + frame_header_bytes;
  if (length == 0 || segment.size() - body_at < length) return std::nullopt;
  const auto sealed = segment.substr(at + length_at, frame_header_bytes - length_at + length);
  if (codec::checksum64(sealed) != read_big_endian<std::uint64_t>(segment, at)) {
    return std::nullopt;
  }
  return frame_view{read_big_endian<std::uint64_t>(segment, at + number_at), body_at,
                    segment.substr(body_at, length)};
}

std::optional<frame_view> find_frame(std::string_view segment, std::size_t from,
                                     std::uint64_t above) {
  for (auto at = from; at + frame_header_bytes < segment.size(); ++at) {
    // Frames are numbered without gaps and none is empty: only so many can lie between.
    const auto number = read_big_endian<std::uint64_t>(segment, at + number_at);
    if (number <= above || number - above > segment.size()) continue;
    if (const auto found = read_frame(segment, at)) return found;
  }
  return std::nullopt;
}

}  // namespace troupe::persistence
