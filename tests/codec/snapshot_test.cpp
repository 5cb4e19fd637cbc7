#include <catch2/catch.hpp>

#include "codec/snapshot_codec.hpp"
#include "samples.hpp"

using namespace troupe;

TEST_CASE("the parts of a snapshot survive, and their bytes are what they have always been") {
  const codec::snapshot_part chunk{codec::snapshot_step::chunk, 7, "000001.sst", 4096,
                                   raft::bytes(std::string("abc"))};
  const auto record = codec::encode_part(chunk);
  // On the wire: do not change.
  CHECK(samples::to_hex(record) == "950207aa3030303030312e737374cd1000c403616263");
  const auto decoded = codec::decode_part(raft::bytes(record));
  REQUIRE(decoded.has_value());
  CHECK(*decoded == chunk);
}

TEST_CASE("a refused part of a snapshot names its field and limit") {
  const auto refusal = [](const std::string& record) {
    const auto decoded = codec::decode_part(raft::bytes(record));
    return decoded ? std::string("accepted") : decoded.error().what;
  };
  CHECK(refusal(samples::from_hex("95 04 07 a0 00 c400")) == "part.step: 4, at most 3");
  CHECK(refusal(samples::from_hex("95 00 07 a0 00 c400")) ==
        "part: step and transfer must not be 0");
  CHECK(refusal(samples::from_hex("95 01 00 a0 00 c400")) ==
        "part: step and transfer must not be 0");
  const codec::snapshot_part large{codec::snapshot_step::chunk, 7, "f", 0,
                                   raft::bytes(std::string((1U << 20U) + 1, 'x'))};
  CHECK(refusal(codec::encode_part(large)) == "part.data: 1048577 bytes, at most 1048576");
  const codec::snapshot_part longname{codec::snapshot_step::begin, 7, std::string(129, 'x'), 0, {}};
  CHECK(refusal(codec::encode_part(longname)) == "part.file: 129 bytes, at most 128");
}
