// Frames out of a stream that arrives in pieces. The first two bytes are the seed of the pieces'
// sizes, the rest is the stream.
#include <algorithm>
#include <optional>
#include <vector>

#include "codec/frame_reader.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/mending.hpp"

using namespace troupe;

namespace {

constexpr std::size_t seed_bytes = 2;

struct reading {
  std::vector<codec::frame> frames;
  std::string refusal;
};

/// False when the stream was refused: nothing more is to be read.
bool take_all(codec::frame_reader& reader, reading& to) {
  for (;;) {
    auto next = reader.next(codec::frame_body_bytes_max);
    if (!next) {
      to.refusal = next.error().what;
      return false;
    }
    if (!*next) return true;
    to.frames.push_back(std::move(**next));
  }
}

reading read_whole(std::string_view stream) {
  codec::frame_reader reader;
  reading done;
  reader.append(stream);
  take_all(reader, done);
  return done;
}

reading read_in_pieces(std::string_view stream, std::uint32_t seed) {
  codec::frame_reader reader;
  reading done;
  while (!stream.empty()) {
    seed = seed * 1'664'525U + 1'013'904'223U;
    const std::size_t size = 1 + (seed >> 16U) % ((seed >> 12U) % 2 == 0 ? 4 : 64);
    const auto piece = stream.substr(0, size);
    stream.remove_prefix(piece.size());
    reader.append(piece);
    if (!take_all(reader, done)) break;
  }
  return done;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
  return fuzz::mutate_and_mend(data, size, size_max, seed, seed_bytes, fuzz::with_frame_checksums);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < seed_bytes) return 0;
  const auto stream = fuzz::view_of(data + seed_bytes, size - seed_bytes);
  const auto whole = [&] {
    const fuzz::memory_meter meter({}, stream.size());
    return read_whole(stream);
  }();
  const auto pieces = read_in_pieces(stream, data[0] * 256U + data[1]);
  fuzz::demand(whole.frames == pieces.frames && whole.refusal == pieces.refusal,
               "where the pieces end makes no difference", pieces.refusal);
  if (!whole.refusal.empty()) fuzz::demand_named(whole.refusal);
  std::string again;
  for (const auto& f : whole.frames) {
    fuzz::demand(f.body.size() <= codec::body_bytes_max_of(f.kind), "a body is within its limit");
    again += codec::encode_frame(f.kind, f.body.view());
  }
  fuzz::demand(stream.substr(0, again.size()) == again, "frames are encoded as they came");
  return 0;
}
