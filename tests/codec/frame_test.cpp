// Frames: the header, its limits, and the checksum over both parts.
#include "codec/frame.hpp"

#include <catch2/catch.hpp>

#include "tests/codec/samples.hpp"

using namespace troupe;
using codec::frame_kind;

namespace {

// What a reader does with one frame: decode the header, then compare the body.
std::string verdict_on(const std::string& frame) {
  const std::string_view bytes = frame;
  const auto header = codec::decode_frame_header(bytes.substr(0, codec::frame_header_bytes));
  if (!header) {
    return header.error().what;
  }
  const std::string_view body = bytes.substr(codec::frame_header_bytes);
  return codec::frame_body_matches(*header, body) ? "accepted" : "damaged";
}

}  // namespace

TEST_CASE("the bytes of a frame are what they have always been") {
  // On the wire: do not change.
  CHECK(samples::to_hex(codec::encode_frame(frame_kind::ping, "")) ==
        "547201060000000061860d513311e496");
  CHECK(samples::to_hex(
            codec::encode_frame(frame_kind::raft_messages,
                                samples::from_hex("97 cf0f4f95cfb44ca775 01 02 07 05 0c 63"))) ==
        "54720103000000102696b4c654fe47a0"
        "97cf0f4f95cfb44ca775010207050c63");
}

TEST_CASE("every kind of frame is accepted with the body that it was made for") {
  for (int kind = 1; kind <= 7; ++kind) {
    const auto k = static_cast<frame_kind>(kind);
    const std::string body = codec::body_bytes_max_of(k) == 0 ? "" : "body";
    const std::string frame = codec::encode_frame(k, body);
    CHECK(frame == codec::encode_frame_header(k, body) + body);
    CHECK(verdict_on(frame) == "accepted");
    const auto header = codec::decode_frame_header(frame.substr(0, 16));
    CHECK(header->kind == k);
    CHECK(header->body_bytes == body.size());
  }
}

TEST_CASE("a frame with any bit flipped, in header or body, is refused") {
  const std::string frame = codec::encode_frame(frame_kind::requests, "any body at all");
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    INFO("bit " << bit);
    CHECK(verdict_on(samples::with_flipped_bit(frame, bit)) != "accepted");
  }
}

TEST_CASE("a body of another length is refused without reading it") {
  const std::string frame = codec::encode_frame(frame_kind::requests, "body");
  CHECK(verdict_on(frame + "x") == "damaged");
  CHECK(verdict_on(frame.substr(0, frame.size() - 1)) == "damaged");
}

TEST_CASE("a refused header names its field") {
  const std::string good = codec::encode_frame_header(frame_kind::requests, "body");
  const auto with = [&](std::size_t at, unsigned char byte) {
    std::string header = good;
    header[at] = static_cast<char>(byte);
    return verdict_on(header);
  };
  CHECK(with(0, 'G') == "frame magic: must be 0x5472");
  CHECK(with(2, 2) == "frame version: 2, must be 1");
  CHECK(with(3, 0) == "frame kind: 0 is unknown");
  CHECK(with(3, 8) == "frame kind: 8 is unknown");
  CHECK(with(4, 0xff) == "frame body length: 4278190084, at most 33554432 for kind 4");
  CHECK(verdict_on(good.substr(0, 15)) == "frame header: 15 bytes, must be 16");
}

TEST_CASE("a stranger's hello may claim 8 KiB, a ping nothing") {
  std::string header = codec::encode_frame_header(frame_kind::hello, std::string(8'192, 'x'));
  CHECK(codec::decode_frame_header(header).has_value());
  header[7] = 1;
  CHECK(verdict_on(header) == "frame body length: 8193, at most 8192 for kind 1");
  header = codec::encode_frame_header(frame_kind::ping, "");
  header[7] = 1;
  CHECK(verdict_on(header) == "frame body length: 1, at most 0 for kind 6");
}

TEST_CASE("the largest body is accepted") {
  const std::string frame =
      codec::encode_frame(frame_kind::raft_messages, std::string(codec::frame_body_bytes_max, 'x'));
  CHECK(verdict_on(frame) == "accepted");
}
