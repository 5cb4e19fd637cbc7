// What a tape takes and refuses, beside msgpack-c's own parser.
#include "codec/tape.hpp"

#include <catch2/catch.hpp>

#include "tests/codec/msgpack_reference.hpp"
#include "tests/codec/samples.hpp"

using namespace troupe;

namespace {

constexpr std::size_t tokens_max = 8;
constexpr reference::allowed rules{tokens_max, codec::nesting_max, false, false};

/// The tokens of one object as the reference writes them, taken off by what `expected` says.
bool holds(const codec::tape& t, const std::vector<std::string>& expected) {
  codec::cursor c(t);
  for (const auto& e : expected) {
    if (e == "nil") {
      if (!c.nil()) return false;
    } else if (e == "true" || e == "false") {
      if (c.boolean("") != (e == "true")) return false;
    } else if (e.starts_with("text ")) {
      if (c.text("", SIZE_MAX) != e.substr(5)) return false;
    } else if (e.starts_with("run ")) {
      if (c.binary("") != e.substr(4)) return false;
    } else if (e.starts_with("array ")) {
      if (std::to_string(c.array("", 0, UINT32_MAX)) != e.substr(6)) return false;
    } else if (std::to_string(c.number("")) != e) {
      return false;
    }
  }
  return c.ok();
}

void compare(const std::string& bytes) {
  codec::tape t;
  std::size_t end = 0;
  const auto parsed = t.parse(bytes, end, tokens_max);
  const auto expected = reference::judge_bytes(bytes, rules);
  const bool agrees = parsed.has_value() == expected.accepted &&
                      (!parsed || (end == expected.end && holds(t, expected.seen))) &&
                      (parsed || !parsed.error().what.empty());
  INFO("bytes of size " << bytes.size() << ": " << samples::to_hex(bytes));
  if (!agrees) CHECK(agrees);
}

}  // namespace

TEST_CASE("a tape takes and refuses what msgpack's own parser does, and holds the same") {
  auto request = samples::sample_request();
  request.group = "g";
  request.data = raft::bytes(std::string("\xc0\x01", 2));
  reference::for_each_mutation(samples::encoded(request), compare);
  std::size_t taken = 0;
  reference::for_each_mutation({}, [&](const std::string& bytes) {
    compare(bytes);
    taken += reference::judge_bytes(bytes, rules).accepted ? 1 : 0;
  });
  CHECK(taken > 1000);  // else the bytes from nowhere show little
}
