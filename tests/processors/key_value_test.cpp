#include "processors/key_value.hpp"

#include <catch2/catch.hpp>

#include "tests/processors/applied_group.hpp"

using namespace troupe;
using namespace troupe::processors;
using test::hex;

namespace {

using group_under_test = test::applied_group<key_value>;

kv::condition at(std::uint64_t version) {
  return {kv::condition_kind::version, raft::log_index{version}};
}
constexpr kv::condition absent{kv::condition_kind::absent, {}};
constexpr kv::condition exists{kv::condition_kind::exists, {}};

template <class Command>
kv::write_reply write(group_under_test& g, const Command& c) {
  const auto r = g.apply(kv::encode(c));
  REQUIRE(r.success);
  const auto decoded = kv::decode_write_reply(r.data);
  REQUIRE(decoded);
  return *decoded;
}

struct stored {
  bool found;
  std::uint64_t version;
  std::string value;
  friend bool operator==(const stored&, const stored&) = default;
};

stored read(const group_under_test& g, std::string_view key) {
  const auto r = g.ask(kv::encode(kv::get{key}));
  REQUIRE(r.success);
  const auto decoded = kv::decode_get_reply(r.data);
  REQUIRE(decoded);
  return {decoded->found, decoded->version.value(), std::string(decoded->value)};
}

struct page {
  std::vector<std::string> keys;
  std::optional<std::string> next;
};

page list(const group_under_test& g, const kv::list& q) {
  const auto r = g.ask(kv::encode(q));
  REQUIRE(r.success);
  const auto decoded = kv::decode_list_reply(r.data);
  REQUIRE(decoded);
  page out;
  for (const auto& i : decoded->items) out.keys.emplace_back(i.key);
  if (decoded->next) out.next = std::string(*decoded->next);
  return out;
}

}  // namespace

TEST_CASE("a value is read back with the log index of its write") {
  group_under_test g;
  CHECK(read(g, "a") == stored{false, 0, ""});
  CHECK(write(g, kv::put{"a", "one", {}}) == kv::write_reply{true, false, raft::log_index{1}});
  CHECK(write(g, kv::put{"b", "two", {}}) == kv::write_reply{true, false, raft::log_index{2}});
  // Whether it replaces something is not looked at.
  CHECK(write(g, kv::put{"a", "three", {}}) == kv::write_reply{true, false, raft::log_index{3}});
  CHECK(read(g, "a") == stored{true, 3, "three"});
  CHECK(read(g, "b") == stored{true, 2, "two"});
}

TEST_CASE("keys and values hold any bytes") {
  group_under_test g;
  const std::string key("\0\xff k\n", 5);
  const std::string value("\xff\0\0", 3);
  write(g, kv::put{key, value, {}});
  CHECK(read(g, key) == stored{true, 1, value});
  write(g, kv::put{key, "", {}});
  CHECK(read(g, key) == stored{true, 2, ""});
}

TEST_CASE("erase says whether the key stood, and an erased key is absent") {
  group_under_test g;
  CHECK(write(g, kv::erase{"a", {}}) == kv::write_reply{true, false, {}});
  write(g, kv::put{"a", "1", {}});
  CHECK(write(g, kv::erase{"a", {}}) == kv::write_reply{true, true, {}});
  CHECK_FALSE(read(g, "a").found);
  CHECK(g.keys().empty());
}

TEST_CASE("a write with a version happens only at that version") {
  group_under_test g;
  CHECK(write(g, kv::put{"a", "x", at(7)}) == kv::write_reply{false, false, {}});
  write(g, kv::put{"a", "1", {}});  // index 2
  CHECK(write(g, kv::put{"a", "2", at(1)}) == kv::write_reply{false, true, raft::log_index{2}});
  CHECK(read(g, "a") == stored{true, 2, "1"});
  CHECK(write(g, kv::put{"a", "2", at(2)}) == kv::write_reply{true, true, raft::log_index{4}});
  CHECK(write(g, kv::erase{"a", at(2)}) == kv::write_reply{false, true, raft::log_index{4}});
  CHECK(write(g, kv::erase{"a", at(4)}) == kv::write_reply{true, true, {}});
}

TEST_CASE("a version never comes back after a key was erased and made anew") {
  group_under_test g;
  write(g, kv::put{"a", "1", {}});
  write(g, kv::erase{"a", {}});
  write(g, kv::put{"a", "1", {}});
  CHECK_FALSE(write(g, kv::put{"a", "2", at(1)}).swapped);
  CHECK(read(g, "a").version == 3);
}

TEST_CASE("version 0 matches nothing, not even an absent key") {
  group_under_test g;
  CHECK_FALSE(write(g, kv::put{"a", "1", at(0)}).swapped);
  CHECK_FALSE(write(g, kv::erase{"a", at(0)}).swapped);
}

TEST_CASE("if-absent and if-exists look at the key's presence only") {
  group_under_test g;
  CHECK_FALSE(write(g, kv::put{"a", "1", exists}).swapped);
  CHECK_FALSE(write(g, kv::erase{"a", exists}).swapped);
  CHECK(write(g, kv::put{"a", "1", absent}).swapped);
  CHECK(write(g, kv::put{"a", "2", absent}) == kv::write_reply{false, true, raft::log_index{3}});
  CHECK(write(g, kv::put{"a", "3", exists}).swapped);
  CHECK_FALSE(write(g, kv::erase{"a", absent}).swapped);
  CHECK(write(g, kv::erase{"a", exists}).swapped);
}

TEST_CASE("a listing pages through a prefix in byte order") {
  group_under_test g;
  for (const auto* key : {"b/2", "a", "b/1", "b/3", "b", "c", "b/\xff"}) {
    write(g, kv::put{key, "v", {}});
  }
  auto first = list(g, {"b/", "", 2});
  CHECK(first.keys == std::vector<std::string>{"b/1", "b/2"});
  REQUIRE(first.next == "b/3");
  auto second = list(g, {"b/", *first.next, 2});
  CHECK(second.keys == std::vector<std::string>{"b/3", "b/\xff"});
  CHECK_FALSE(second.next);
  CHECK(list(g, {"", "", 100}).keys.size() == 7);
  CHECK(list(g, {"b/", "a", 100}).keys.size() == 4);
  CHECK(list(g, {"b/", "c", 100}).keys.empty());
  CHECK(list(g, {"nothing", "", 100}).keys.empty());
}

TEST_CASE("a page of large values ends before it outgrows its byte limit") {
  group_under_test g;
  const std::string large(3U << 20U, 'x');
  for (const auto* key : {"a", "b", "c", "d"}) write(g, kv::put{key, large, {}});
  const auto first = list(g, {"", "", 100});
  CHECK(first.keys == std::vector<std::string>{"a", "b"});
  CHECK(first.next == "c");
}

TEST_CASE("only a listing may scan") {
  const key_value p;
  CHECK(p.query_may_scan(kv::encode(kv::list{"", "", 1})));
  CHECK_FALSE(p.query_may_scan(kv::encode(kv::get{"a"})));
  CHECK_FALSE(p.query_may_scan(kv::encode(kv::put{"a", "b", {}})));
  CHECK_FALSE(p.query_may_scan("rubbish"));
  CHECK_FALSE(p.query_may_scan(""));
  const auto whole = kv::encode(kv::list{"", "", 1});
  CHECK_FALSE(p.query_may_scan(whole.substr(0, 3)));
  // One that is cut behind its beginning is refused wherever it is decoded.
  const persistence::memory_state state;
  CHECK(p.query_may_scan(whole.substr(0, 5)));
  CHECK_FALSE(p.query(whole.substr(0, 5), *state.view()).success);
}

TEST_CASE("keys and values at their limits are taken and beyond them refused") {
  group_under_test g;
  const std::string key(kv::key_bytes_max, 'k');
  const std::string value(kv::value_bytes_max, 'v');
  CHECK(write(g, kv::put{key, value, {}}).swapped);
  CHECK(read(g, key).value.size() == kv::value_bytes_max);
  CHECK(g.apply(kv::encode(kv::put{key + "k", "v", {}})).error ==
        "kv: key: has more than 4096 bytes");
  CHECK(g.apply(kv::encode(kv::put{"k", value + "v", {}})).error ==
        "kv: value: has more than 4194304 bytes");
  CHECK(g.apply(kv::encode(kv::put{"", "v", {}})).error == "kv: key: is empty");
  CHECK(g.apply(kv::encode(kv::erase{"", {}})).error == "kv: key: is empty");
  CHECK(g.ask(kv::encode(kv::get{""})).error == "kv: key: is empty");
  CHECK(g.ask(kv::encode(kv::list{"", "", 0})).error == "kv: limit: is not between 1 and 1000");
  CHECK(g.ask(kv::encode(kv::list{"", "", 1001})).error == "kv: limit: is above 1000");
  CHECK(g.ask(kv::encode(kv::list{key + "k", "", 1})).error ==
        "kv: prefix: has more than 4096 bytes");
}

TEST_CASE("in the log: key-value commands, do not change") {
  CHECK(hex(kv::encode(kv::put{"k", "v", {}})) == "97010101c4016bc401760000");
  CHECK(hex(kv::encode(kv::put{"k", "v", absent})) == "97010101c4016bc401760100");
  CHECK(hex(kv::encode(kv::put{"k", "v", exists})) == "97010101c4016bc401760200");
  CHECK(hex(kv::encode(kv::put{"k", "v", at(300)})) == "97010101c4016bc4017603cd012c");
  CHECK(hex(kv::encode(kv::erase{"k", {}})) == "96010102c4016b0000");
}

TEST_CASE("on the wire: key-value queries and replies, do not change") {
  CHECK(hex(kv::encode(kv::get{"k"})) == "94010203c4016b");
  CHECK(hex(kv::encode(kv::list{"p", "q", 5})) == "96010204c40170c4017105");
  CHECK(hex(kv::encode(kv::write_reply{true, false, raft::log_index{17}})) == "96010301c3c211");
  CHECK(hex(kv::encode(kv::get_reply{true, raft::log_index{17}, "v"})) == "96010303c311c40176");
  CHECK(hex(kv::encode(kv::list_reply{{{"k", raft::log_index{1}, "v"}}, "n"})) ==
        "96010304c3c4016e9193c4016b01c40176");
}

TEST_CASE("on disk: key-value records, do not change") {
  group_under_test g;
  write(g, kv::put{"a", "v", {}});
  REQUIRE(g.keys().size() == 1);
  CHECK(hex(g.keys().begin()->first) == "6b61");
  CHECK(hex(g.keys().begin()->second) == "01000000000000000176");
}

TEST_CASE("the same commands give the same state and replies") {
  group_under_test one;
  group_under_test two;
  for (int i = 0; i < 200; ++i) {
    const auto key = std::to_string(i * 7 % 13);
    const auto value = std::to_string(i);
    const auto bytes = i % 5 == 0 ? kv::encode(kv::erase{key, {}})
                       : i % 3 == 0
                           ? kv::encode(kv::put{key, value, at(static_cast<std::uint64_t>(i))})
                           : kv::encode(kv::put{key, value, {}});
    CHECK(one.apply(bytes).data == two.apply(bytes).data);
  }
  CHECK(one.keys() == two.keys());
}

TEST_CASE("poison entries are refused and leave no trace") {
  group_under_test g;
  write(g, kv::put{"a", "v", {}});
  const auto before = g.keys();
  const auto good = kv::encode(kv::put{"a", "w", {}});
  std::vector<std::string> poison{"",
                                  "rubbish",
                                  std::string("\xc1"),
                                  good + "x",
                                  kv::encode(kv::get{"a"}),
                                  std::string(1'000'000, '\x91'),
                                  std::string(100'000, '\xc0'),
                                  "\xdd\xff\xff\xff\xff",
                                  "\xdf\xff\xff\xff\xff",
                                  "\x97\x02" + good.substr(2),                  // a later version
                                  good.substr(0, 3) + "\x09" + good.substr(4),  // no such operation
                                  good.substr(0, good.size() - 2) + "\x04" + good.back()};
  for (std::size_t cut = 0; cut < good.size(); ++cut) poison.push_back(good.substr(0, cut));
  for (const auto& p : poison) {
    const auto r = g.apply(p);
    INFO(hex(p.substr(0, 32)));
    CHECK_FALSE(r.success);
    CHECK(r.error.rfind("kv: ", 0) == 0);
    const auto answer = g.ask(p);
    CHECK((answer.success || answer.error.rfind("kv: ", 0) == 0));
  }
  CHECK(g.keys() == before);
}

TEST_CASE("every single corrupted byte of a command is either refused or a command within limits") {
  const auto good = kv::encode(kv::put{"key", "value", at(300)});
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 256; ++bit) {
      group_under_test g;
      auto bad = good;
      bad[i] = static_cast<char>(bit);
      const auto r = g.apply(bad);
      CHECK(r.success == r.error.empty());
    }
  }
}
