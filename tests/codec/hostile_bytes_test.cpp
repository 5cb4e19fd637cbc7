// Bytes from someone who is broken or means harm: every decoder refuses them with a reason, throws
// nothing, and holds no more memory than a small multiple of what it was given.
#include <catch2/catch.hpp>
#include <functional>

#include "codec/frame.hpp"
#include "codec/hello.hpp"
#include "tests/codec/allocation_meter.hpp"
#include "tests/codec/samples.hpp"

using namespace troupe;

namespace {

struct decoder {
  const char* name;
  /// Empty when the bytes were accepted, else the reason.
  std::function<std::string(const std::string&)> refusal;
  std::string good;
};

template <class Expected>
std::string refusal_in(const Expected& e) {
  return e.has_value() ? std::string() : e.error().what;
}

std::vector<decoder> every_decoder() {
  const auto messages = [](const std::string& b) {
    return refusal_in(codec::decode_messages(raft::bytes(b)));
  };
  std::vector<decoder> all = {
      {"entry",
       [](const std::string& b) { return refusal_in(codec::decode_entry(raft::bytes(b))); },
       codec::encode_entry(*samples::configuration_entry(7, 13))},
      {"configuration",
       [](const std::string& b) { return refusal_in(codec::decode_configuration(b)); },
       codec::encode_configuration(samples::joint_configuration())},
      {"requests",
       [](const std::string& b) { return refusal_in(codec::decode_requests(raft::bytes(b))); },
       samples::encoded(samples::sample_request())},
      {"replies",
       [](const std::string& b) { return refusal_in(codec::decode_replies(raft::bytes(b))); },
       samples::encoded(samples::sample_reply())},
      {"hello", [](const std::string& b) { return refusal_in(codec::decode_hello(b)); },
       codec::encode(codec::hello{})},
      {"hello reply", [](const std::string& b) { return refusal_in(codec::decode_hello_reply(b)); },
       codec::encode(codec::hello_reply{})},
      {"members", [](const std::string& b) { return refusal_in(codec::decode_members(b)); },
       codec::encode_members({{raft::node_id{1}, "127.0.0.1:7101"}})},
      {"frame header",
       [](const std::string& b) { return refusal_in(codec::decode_frame_header(b)); },
       codec::encode_frame_header(codec::frame_kind::requests, "body")},
  };
  for (const raft::message& m : samples::every_message()) {
    all.push_back({"messages", messages, samples::encoded(m)});
  }
  return all;
}

// A decoded entry takes about 220 bytes and at least 15 on the wire; a vector that grows holds its
// old and new block for a moment. The constant is for buffers that are made before a byte is read.
bool is_small(std::size_t peak_bytes, std::size_t input_bytes) {
  return peak_bytes <= 64 * input_bytes + 16'384;
}

void feed(const decoder& d, const std::string& bytes) {
  const samples::allocation_meter meter;
  std::string refusal;
  REQUIRE_NOTHROW(refusal = d.refusal(bytes));
  if (!is_small(meter.peak_bytes(), bytes.size())) {
    FAIL(d.name << " held " << meter.peak_bytes() << " bytes for " << bytes.size() << ": "
                << refusal);
  }
}

}  // namespace

TEST_CASE("what is cut at any byte is refused") {
  for (const decoder& d : every_decoder()) {
    INFO(d.name);
    CHECK(d.refusal(d.good).empty());
    // A body of no messages is complete; every other cut is not.
    for (std::size_t size = 1; size < d.good.size(); ++size) {
      CHECK_FALSE(d.refusal(d.good.substr(0, size)).empty());
    }
    feed(d, "");
  }
}

TEST_CASE("what has any bit flipped neither throws nor takes memory") {
  for (const decoder& d : every_decoder()) {
    for (std::size_t bit = 0; bit < d.good.size() * 8; ++bit) {
      feed(d, samples::with_flipped_bit(d.good, bit));
    }
  }
}

TEST_CASE("bytes behind a record are refused") {
  for (const decoder& d : every_decoder()) {
    INFO(d.name);
    CHECK_FALSE(d.refusal(d.good + '\0').empty());
    CHECK_FALSE(d.refusal(d.good + '\xc1').empty());
  }
}

TEST_CASE("a huge length claim takes no memory") {
  // Arrays, binaries, texts, maps and extensions of up to 2^32 - 1, alone and where a field
  // belongs.
  for (const char* claim : {"dd ffffffff", "dc ffff", "c6 ffffffff", "db ffffffff", "df ffffffff",
                            "c9 ffffffff", "c9 fffffffe 01", "dd 0003ffff", "c5 ffff"}) {
    const std::string bytes = samples::from_hex(claim);
    for (const decoder& d : every_decoder()) {
      INFO(d.name << " " << claim);
      CHECK_FALSE(d.refusal(bytes).empty());
      feed(d, bytes);
      feed(d, bytes + bytes + bytes + bytes + bytes);
      for (std::size_t at = 0; at < d.good.size(); ++at) {
        feed(d, d.good.substr(0, at) + bytes);
      }
    }
  }
}

TEST_CASE("deep nesting neither recurses nor takes memory") {
  for (const char level : {'\x91', '\x92', '\x81', '\xdd'}) {
    const std::string bytes(1U << 20U, level);
    for (const decoder& d : every_decoder()) {
      CHECK_FALSE(d.refusal(bytes).empty());
      feed(d, bytes);
    }
  }
}

TEST_CASE("an array full of the smallest values takes no more than a multiple of its bytes") {
  // The worst there is: each byte becomes a value of its own before the field's type is looked at.
  const auto append_with = [](std::size_t elements) {
    std::string bytes = samples::from_hex("99 4d 01 02 07 01 0a 06 09 dd");
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes += static_cast<char>(elements >> shift);
    }
    return bytes.append(elements, '\0');
  };
  for (const decoder& d : every_decoder()) {
    CHECK_FALSE(d.refusal(append_with(100'000)).empty());
    feed(d, append_with(100'000));
  }
  // Beyond the limit for one message the multiple ends: 4 million values cost what 2 million do.
  const samples::allocation_meter meter;
  const auto refused = codec::decode_messages(raft::bytes(append_with(4'000'000)));
  CHECK(refused.error().what ==
        "message 0: msgpack: more than 2101270 values in one object is not allowed");
  CHECK(meter.peak_bytes() < 128U << 20U);
}

TEST_CASE("random garbage is refused or understood, and nothing else") {
  std::mt19937_64 chance(20'240'607);
  const auto decoders = every_decoder();
  for (int round = 0; round < 4'000; ++round) {
    const std::string bytes = samples::random_bytes(chance, chance() % 200);
    for (const decoder& d : decoders) {
      feed(d, bytes);
    }
  }
}

TEST_CASE("good bytes with a few random bytes in them are refused or understood") {
  std::mt19937_64 chance(42);
  const auto decoders = every_decoder();
  for (int round = 0; round < 1'000; ++round) {
    for (const decoder& d : decoders) {
      std::string bytes = d.good;
      for (std::uint64_t i = 0, changes = 1 + chance() % 4; i < changes; ++i) {
        bytes[chance() % bytes.size()] = static_cast<char>(chance());
      }
      if (chance() % 4 == 0) {
        bytes.insert(chance() % bytes.size(), samples::random_bytes(chance, chance() % 9));
      }
      feed(d, bytes);
    }
  }
}
