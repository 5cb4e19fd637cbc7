// The outer form of commands and queries: what is refused as a whole, and how fields are told to be
// wrong.
#include "processors/payload.hpp"

#include <catch2/catch.hpp>

#include "tests/codec/msgpack_reference.hpp"

using namespace troupe;
using processors::payload_kind;
using processors::payload_reader;
using processors::payload_writer;

namespace {

constexpr std::size_t fields_max = 16;
constexpr reference::allowed rules{fields_max, 8, true, true};

std::string refusal_of(std::string_view bytes, std::size_t limit = fields_max) {
  payload_reader r(bytes, 1, payload_kind::command, limit);
  return r.error().what;
}

std::string payload(std::string_view fields, char count) {
  return std::string{static_cast<char>(0x90 + 2 + count), '\x01', '\x01'} + std::string(fields);
}

std::string sample() {
  payload_writer w(1, payload_kind::command, 7);
  w.integer(3).text("text").binary("run").boolean(true).number(1.5).nil();
  w.map(1).text("k").array(2).integer(70'000).integer(0);
  return std::move(w).take();
}

}  // namespace

TEST_CASE("a payload is refused as a whole for what msgpack's own parser refuses, and only then") {
  std::size_t sound = 0;
  const auto compare = [&](const std::string& bytes) {
    const auto refused = refusal_of(bytes);
    const bool is_broken = refused.starts_with("payload: ") &&
                           refused != "payload: is not an array" &&
                           refused != "payload: lacks version and kind";
    const auto expected = reference::judge_bytes(bytes, rules);
    const bool is_sound = expected.accepted && expected.end == bytes.size();
    INFO(refused);
    if (is_broken == is_sound) CHECK(is_broken != is_sound);
    sound += is_sound ? 1 : 0;
  };
  reference::for_each_mutation(sample(), compare);
  CHECK(sound > 1000);
}

TEST_CASE("a payload that is cut anywhere ends too early, and says where") {
  const auto good = sample();
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(refusal_of(good.substr(0, size)).starts_with("payload: ends too early at byte "));
  }
  CHECK(refusal_of(good + "x") == "payload: 1 bytes too many");
}

TEST_CASE("a payload has no negative numbers, no extensions, and no bytes without meaning") {
  const std::string negative = "payload: negative numbers have no meaning";
  CHECK(refusal_of(payload("\xff", 1)) == negative);
  CHECK(refusal_of(payload("\xd0\x01", 1)) == negative);
  CHECK(refusal_of(payload(std::string("\xd3\0\0\0\0\0\0\0\x01", 9), 1)) == negative);
  CHECK(refusal_of(payload("\xd4\x01\x01", 1)) == "payload: extension types have no meaning");
  CHECK(refusal_of(payload("\xc1", 1)).starts_with("payload: not msgpack at byte "));
}

TEST_CASE("a payload nests eight deep and no deeper, and has as many fields as are allowed") {
  CHECK(refusal_of(payload("\x91\x91\x91\x91\x91\x91\x90", 1)).empty());
  CHECK(refusal_of(payload("\x91\x91\x91\x91\x91\x91\x91\x90", 1)) == "payload: nested too deeply");
  CHECK(refusal_of(payload("\x01\x02", 2), 5).empty());
  CHECK(refusal_of(payload("\x01\x02", 2), 4) == "payload: more fields than allowed");
}

TEST_CASE("a field is read in each of the widths that msgpack has for it") {
  const std::string_view run = "r";
  const std::vector<std::string> numbers = {"\x07", "\xcc\x07", std::string("\xcd\0\x07", 3),
                                            std::string("\xce\0\0\0\x07", 5),
                                            std::string("\xcf\0\0\0\0\0\0\0\x07", 9)};
  for (const auto& n : numbers) {
    const auto bytes = payload(n, 1);
    payload_reader r(bytes, 1, payload_kind::command);
    CHECK(r.integer("field") == 7);
    r.finish();
    CHECK(r.ok());
  }
  const std::vector<std::string> texts = {"\xa1r", "\xd9\x01r", std::string("\xda\0\x01r", 4),
                                          std::string("\xdb\0\0\0\x01r", 6)};
  for (const auto& t : texts) {
    const auto bytes = payload(t, 1);
    CHECK(payload_reader(bytes, 1, payload_kind::command).text("field") == run);
  }
  const std::vector<std::string> runs = {"\xc4\x01r", std::string("\xc5\0\x01r", 4),
                                         std::string("\xc6\0\0\0\x01r", 6)};
  for (const auto& b : runs) {
    const auto bytes = payload(b, 1);
    CHECK(payload_reader(bytes, 1, payload_kind::command).binary("field") == run);
  }
  const std::vector<std::string> arrays = {"\x91\x05", std::string("\xdc\0\x01\x05", 4),
                                           std::string("\xdd\0\0\0\x01\x05", 6)};
  for (const auto& a : arrays) {
    const auto bytes = payload(a, 1);
    payload_reader r(bytes, 1, payload_kind::command);
    CHECK(r.array("field", 1) == 1);
    CHECK(r.integer("element") == 5);
  }
  const auto halves = payload(std::string("\xca\x3f\0\0\0", 5), 1);
  CHECK(payload_reader(halves, 1, payload_kind::command).number("field") == 0.5);
}

TEST_CASE("the first field that is wrong is named, and everything behind it reads as empty") {
  const auto bytes = sample();
  payload_reader r(bytes, 1, payload_kind::command);
  CHECK(r.integer("operation", 2) == 0);
  CHECK(r.error().what == "operation: is above 2");
  CHECK(r.text("name").empty());
  CHECK_FALSE(r.boolean("flag"));
  CHECK(r.error().what == "operation: is above 2");

  payload_reader s(bytes, 1, payload_kind::command);
  CHECK(s.integer("operation") == 3);
  CHECK(s.text("name", 3).empty());
  CHECK(s.error().what == "name: has more than 3 bytes");

  const auto empty = payload("", 0);
  payload_reader missing(empty, 1, payload_kind::command);
  CHECK_FALSE(missing.boolean("flag"));
  CHECK(missing.error().what == "flag: is missing");
  payload_reader more(bytes, 1, payload_kind::command);
  more.finish();
  CHECK(more.error().what == "payload: has more fields than it should");
  CHECK(payload_reader(bytes, 2, payload_kind::command).error().what ==
        "version: 1 is unknown, this node knows 2");
  CHECK(payload_reader(bytes, 1, payload_kind::query).error().what == "kind: 1 where 2 belongs");
}
