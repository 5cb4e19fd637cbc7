// The header of a command in a session. On disk as a part of entries: do not change.
#include <catch2/catch.hpp>
#include <string>

#include "codec/session_codec.hpp"

namespace troupe::codec {
namespace {

constexpr std::size_t header_bytes = 41;

const session_header sample{0x0102, 7, 5, 0x10203040, 0};

TEST_CASE("a session header is a version and five numbers (on disk: do not change)") {
  const auto record = encode_session({0x0102, 7, 5, 0x10203040, 0x0f}, "command");
  const char expected[] =
      "\x01"
      "\x00\x00\x00\x00\x00\x00\x01\x02"
      "\x00\x00\x00\x00\x00\x00\x00\x07"
      "\x00\x00\x00\x00\x00\x00\x00\x05"
      "\x00\x00\x00\x00\x10\x20\x30\x40"
      "\x00\x00\x00\x00\x00\x00\x00\x0f"
      "command";
  CHECK(record == std::string(expected, sizeof expected - 1));
}

TEST_CASE("a session command comes back as it was, without a copy of its bytes") {
  const raft::bytes record(encode_session(sample, "command"));
  const auto decoded = decode_session(record);
  REQUIRE(decoded);
  CHECK(decoded->header == sample);
  CHECK(decoded->command.view() == "command");
  CHECK(decoded->command.view().data() == record.view().data() + header_bytes);
  CHECK(decode_session(raft::bytes(encode_session(sample, "")))->command.empty());
}

TEST_CASE("a stamp changes nothing else") {
  const raft::bytes record(encode_session(sample, "command"));
  auto expected = sample;
  expected.stamp_ms = 99;
  CHECK(stamped(record, 99).view() == encode_session(expected, "command"));
  CHECK(record.view() == encode_session(sample, "command"));
}

TEST_CASE("no bytes are taken for a session header that are none") {
  const std::string good = encode_session(sample, "");
  for (std::size_t size = 0; size < header_bytes; ++size) {
    CHECK_FALSE(decode_session(raft::bytes(good.substr(0, size))));
  }
  for (const char version : {'\0', '\2', '\x7f', '\xff'}) {
    auto other = good;
    other[0] = version;
    CHECK_FALSE(decode_session(raft::bytes(other)));
  }
  CHECK_FALSE(decode_session(raft::bytes(encode_session({1, 0, 0, 5, 0}, "no sequence"))));
  CHECK_FALSE(decode_session(raft::bytes(encode_session({1, 4, 5, 5, 0}, "acked before sent"))));
  CHECK(decode_session(raft::bytes(encode_session({1, 5, 5, ~0ULL, ~0ULL}, ""))));
  CHECK(decode_session(raft::bytes(encode_session({0, 0, 0, 0, 0}, "registers"))));
}

}  // namespace
}  // namespace troupe::codec
