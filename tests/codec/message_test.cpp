// Messages between members: what goes in comes out, and the bytes stay what they are.
#include <catch2/catch.hpp>

#include "tests/codec/samples.hpp"

using namespace troupe;

namespace {

bool same(const raft::message& a, const raft::message& b) {
  if (a.from != b.from || a.to != b.to || a.term != b.term || a.body.index() != b.body.index()) {
    return false;
  }
  if (const auto* left = std::get_if<raft::append_request>(&a.body)) {
    const auto& right = std::get<raft::append_request>(b.body);
    // Entries get their checksum when they are encoded, so equal entries may differ in it alone.
    const auto same_entry = [](const raft::entry_ptr& x, const raft::entry_ptr& y) {
      return x->term == y->term && x->index == y->index && x->type == y->type &&
             x->data == y->data && x->peers == y->peers;
    };
    return left->previous_index == right.previous_index &&
           left->previous_term == right.previous_term && left->commit == right.commit &&
           std::equal(left->entries.begin(), left->entries.end(), right.entries.begin(),
                      right.entries.end(), same_entry);
  }
  return std::visit(
      [&b]<class Body>(const Body& left) {
        if constexpr (std::is_same_v<Body, raft::append_request>) {
          return true;
        } else {
          return left == std::get<Body>(b.body);
        }
      },
      a.body);
}

}  // namespace

TEST_CASE("every message survives its encoding") {
  for (const raft::message& m : samples::every_message()) {
    const auto decoded = codec::decode_messages(raft::bytes(samples::encoded(m)));
    REQUIRE(decoded.has_value());
    REQUIRE(decoded->size() == 1);
    CHECK(decoded->front().group == raft::group_id{77});
    CHECK(same(decoded->front().message, m));
    CHECK(samples::encoded(decoded->front().message) == samples::encoded(m));
  }
}

TEST_CASE("the bytes of every message are what they have always been") {
  // On the wire: do not change.
  const std::vector<std::string> golden = {
      "99 4d 01 02 07 01  0a 06 09 94"
      "  96 01 06 0b 01 cfe8408bbd8b72ec9a c400"
      "  96 01 07 0c 02 cf5ea5d11b38ccf134 c4077061796c6f6164"
      "  97 01 07 0d 03 cf8aa168e9d5821f8b c403776879"
      "     95 93 01 02 cd012c 92 01 ce00011170 91 09 91 ce00011170 c3"
      "  96 01 07 0e 02 cfb5cafef771bf9746 c400",
      "9a 4d 01 02 07 02  c2 03 0a 08 05",
      "99 4d 01 02 07 03  c3 c2 0e 07",
      "97 4d 01 02 07 04  c2 c3",
      "98 4d 01 02 07 05  0c 63 c2",
      "97 4d 01 02 07 06  63 c2",
      "99 4d 01 02 07 07  28 06 95 93 01 02 cd012c 92 01 ce00011170 91 09 91 ce00011170 c3"
      "  c40b 736e617073686f742d3430",
      "95 4d 01 02 07 08",
      "96 4d 01 02 07 09  ce000f4240",
      "97 4d 01 02 07 0a  ce000f4240 0c",
  };
  const auto messages = samples::every_message();
  REQUIRE(messages.size() == golden.size());
  for (std::size_t i = 0; i < golden.size(); ++i) {
    INFO("type " << i + 1);
    CHECK(samples::to_hex(samples::encoded(messages[i])) ==
          samples::to_hex(samples::from_hex(golden[i])));
  }
}

TEST_CASE("a frame body holds messages of any groups, in order") {
  std::string body;
  std::uint64_t group = 0;
  for (const raft::message& m : samples::every_message()) {
    codec::append_message(raft::group_id{++group}, m, body);
  }
  const auto decoded = codec::decode_messages(raft::bytes(body));
  REQUIRE(decoded.has_value());
  REQUIRE(decoded->size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK((*decoded)[i].group == raft::group_id{i + 1});
    CHECK(same((*decoded)[i].message, samples::every_message()[i]));
  }
  CHECK(codec::decode_messages(raft::bytes())->empty());
}

TEST_CASE("payloads of decoded messages lie in the received buffer and keep it alive") {
  raft::bytes body(samples::encoded(samples::every_message().front()));
  const std::string_view buffer = body.view();
  auto decoded = codec::decode_messages(body);
  REQUIRE(decoded.has_value());
  const auto entry = std::get<raft::append_request>(decoded->front().message.body).entries[1];
  CHECK(entry->data.view().data() > buffer.data());
  CHECK(entry->data.view().data() < buffer.data() + buffer.size());
  decoded->clear();
  body = raft::bytes();
  CHECK(entry->data.view() == "payload");
}

TEST_CASE("numbers survive at the edges of msgpack's widths") {
  for (const std::uint64_t edge :
       {0ULL, 1ULL, 127ULL, 128ULL, 255ULL, 256ULL, 65'535ULL, 65'536ULL, 0x7fffffffULL,
        0x80000000ULL, 0xffffffffULL, 0x100000000ULL, 0x7fffffffffffffffULL, 0x8000000000000000ULL,
        0xffffffffffffffffULL}) {
    const auto m = samples::from_one_to_two(
        raft::heartbeat_request{raft::log_index{edge}, raft::read_round{edge}, true});
    const auto decoded = codec::decode_messages(raft::bytes(samples::encoded(m)));
    REQUIRE(decoded.has_value());
    CHECK(same(decoded->front().message, m));
  }
}

TEST_CASE("payloads survive at the edges of msgpack's lengths") {
  for (const std::size_t size : {0U, 1U, 255U, 256U, 65'535U, 65'536U, 1U << 20U}) {
    const auto m = samples::from_one_to_two(
        raft::append_request{raft::log_index{0},
                             raft::term{0},
                             raft::log_index{0},
                             {samples::make_entry(1, 1, std::string(size, '\xff'))}});
    const auto decoded = codec::decode_messages(raft::bytes(samples::encoded(m)));
    REQUIRE(decoded.has_value());
    CHECK(same(decoded->front().message, m));
  }
}

namespace {

std::string refusal_of(const std::string& body) {
  const auto decoded = codec::decode_messages(raft::bytes(body));
  return decoded ? "accepted" : decoded.error().what;
}

}  // namespace

TEST_CASE("a refused message is told by its position, field and limit") {
  using samples::from_hex;
  CHECK(refusal_of(from_hex("95 4d 01 02 07 08  97 4d 01 02 07 06 c0 c2")) ==
        "message 1: heartbeat_response.round: must be a number, is nil");
  CHECK(refusal_of(from_hex("95 4d 01 02 07 0b")) == "message 0: message.type: 11, at most 10");
  CHECK(refusal_of(from_hex("95 4d 01 02 07 00")) ==
        "message 0: message: no message of type 0 has 5 fields");
  CHECK(refusal_of(from_hex("96 4d 01 02 07 08 00")) ==
        "message 0: message: no message of type 8 has 6 fields");
  CHECK(refusal_of(from_hex("95 00 01 02 07 08")) ==
        "message 0: message: group, from and to must not be 0");
  CHECK(refusal_of(from_hex("95 4d 01 02 ff 08")) ==
        "message 0: msgpack: a negative number is not allowed");
  CHECK(refusal_of(from_hex("95 4d 01 02 07")) == "message 0: msgpack: truncated");
  CHECK(refusal_of(from_hex("c1")) ==
        "message 0: msgpack: a byte that begins no object is not allowed");
  CHECK(refusal_of(from_hex("80")) == "message 0: msgpack: a map is not allowed");
  CHECK(refusal_of(from_hex("d4 01 00")) == "message 0: msgpack: an extension is not allowed");
  CHECK(refusal_of(from_hex("91919191 9191 c0")) ==
        "message 0: msgpack: nesting deeper than 5 is not allowed");
  CHECK(refusal_of(from_hex("99 4d 01 02 07 01  0a 06 09 dd 00040001")) ==
        "message 0: msgpack: truncated");
}

TEST_CASE("entries of an append must follow on each other and on the previous index") {
  using raft::log_index;
  using raft::term;
  const auto append = [](std::uint64_t previous, raft::entries log) {
    return samples::encoded(samples::from_one_to_two(
        raft::append_request{log_index{previous}, term{1}, log_index{0}, std::move(log)}));
  };
  const auto at = [](std::uint64_t index) { return samples::make_entry(1, index, "x"); };
  CHECK(refusal_of(append(4, {at(5), at(6)})) == "accepted");
  CHECK(refusal_of(append(4, {at(5), at(7)})) ==
        "message 0: append_request.entries: index 7 stands where 6 must");
  CHECK(refusal_of(append(4, {at(5), at(5)})) ==
        "message 0: append_request.entries: index 5 stands where 6 must");
  CHECK(refusal_of(append(4, {at(4)})) ==
        "message 0: append_request.entries: index 4 stands where 5 must");
}

TEST_CASE("a frame holds no more messages than its limit") {
  std::string body;
  const auto m = samples::from_one_to_two(raft::timeout_now{});
  for (std::size_t i = 0; i < codec::frame_messages_max; ++i) {
    codec::append_message(raft::group_id{1}, m, body);
  }
  CHECK(refusal_of(body) == "accepted");
  codec::append_message(raft::group_id{1}, m, body);
  CHECK(refusal_of(body) == "message 65536: at most 65536 in a frame");
}
