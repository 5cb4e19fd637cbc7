// Frames out of pieces: where the pieces end makes no difference.
#include "codec/frame_reader.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/codec/allocation_meter.hpp"
#include "tests/codec/samples.hpp"

using namespace troupe;
using codec::frame_kind;

namespace {

constexpr std::size_t any_body = codec::frame_body_bytes_max;

struct reading {
  std::vector<codec::frame> frames;
  std::string refusal;
};

reading read_in_pieces(const std::string& bytes, std::size_t piece_bytes,
                       std::size_t body_bytes_max = any_body) {
  codec::frame_reader reader;
  reading done;
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    reader.append(std::string_view(bytes).substr(at, piece_bytes));
    for (;;) {
      auto next = reader.next(body_bytes_max);
      if (!next) {
        done.refusal = next.error().what;
        return done;
      }
      if (!*next) break;
      done.frames.push_back(**next);
    }
  }
  return done;
}

}  // namespace

TEST_CASE("frames arrive whole, in pieces of any size") {
  const std::vector<codec::frame> sent = {
      {frame_kind::hello, raft::bytes(std::string("first"))},
      {frame_kind::ping, {}},
      {frame_kind::requests, raft::bytes(std::string(1'000, 'x'))},
      {frame_kind::pong, {}}};
  std::string bytes;
  for (const auto& f : sent) bytes += codec::encode_frame(f.kind, f.body.view());
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const auto done = read_in_pieces(bytes, piece);
    CHECK(done.refusal.empty());
    CHECK(done.frames == sent);
  }
}

TEST_CASE("a refused frame names what is wrong, and the frames before it arrive") {
  const auto good = codec::encode_frame(frame_kind::replies, "body");
  const auto refusal_of = [&](const std::string& bad, std::size_t body_bytes_max = any_body) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1'000}}) {
      const auto done = read_in_pieces(good + bad + good, piece, body_bytes_max);
      CHECK(done.frames.size() == 1);
      if (piece == 1'000) return done.refusal;
    }
    return std::string();
  };
  CHECK(refusal_of("no frame at all.") == "frame magic: must be 0x5472");
  auto damaged = good;
  damaged.back() = 'Y';
  CHECK(refusal_of(damaged) == "frame checksum: does not match");
  CHECK(refusal_of(codec::encode_frame(frame_kind::replies, "larger"), 5) ==
        "frame body length: 6, at most 5 allowed here");
}

TEST_CASE("a header is refused before its body arrives") {
  codec::frame_reader reader;
  reader.append(codec::encode_frame_header(frame_kind::replies, std::string(100, 'x')));
  CHECK_FALSE(reader.next(99).has_value());
}

TEST_CASE("the claim of a header takes no memory") {
  const auto header =
      codec::encode_frame_header(frame_kind::replies, std::string(any_body, 'x')) + "few";
  const samples::allocation_meter meter;
  codec::frame_reader reader;
  reader.append(header);
  const auto next = reader.next(any_body);
  REQUIRE(next.has_value());
  CHECK_FALSE(next->has_value());
  CHECK(meter.peak_bytes() < 1'024);
}
