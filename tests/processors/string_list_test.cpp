#include "processors/string_list.hpp"

#include <catch2/catch.hpp>

#include "tests/processors/applied_group.hpp"

using namespace troupe;
using namespace troupe::processors;
using test::hex;

namespace {

using group_under_test = test::applied_group<string_list>;

template <class Command>
strings::write_reply write(group_under_test& g, const Command& c) {
  const auto r = g.apply(strings::encode(c));
  REQUIRE(r.success);
  const auto decoded = strings::decode_write_reply(r.data);
  REQUIRE(decoded);
  return *decoded;
}

template <class Query>
std::pair<std::uint64_t, std::vector<std::string>> read(const group_under_test& g, const Query& q) {
  const auto r = g.ask(strings::encode(q));
  REQUIRE(r.success);
  const auto decoded = strings::decode_range_reply(r.data);
  REQUIRE(decoded);
  return {decoded->length, {decoded->elements.begin(), decoded->elements.end()}};
}

std::vector<std::string> all(const group_under_test& g, std::string_view name) {
  return read(g, strings::range{name, 0, 1'000}).second;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("elements stand in the order of their appends") {
  group_under_test g;
  CHECK(write(g, strings::push_back{"l", {"a", "b"}}) == strings::write_reply{2, 2});
  CHECK(write(g, strings::push_back{"l", {"a"}}) == strings::write_reply{1, 3});
  CHECK(all(g, "l") == texts{"a", "b", "a"});
  CHECK(read(g, strings::length{"l"}) == std::pair(std::uint64_t{3}, texts{}));
}

TEST_CASE("lists whose names begin alike do not mix") {
  group_under_test g;
  write(g, strings::push_back{"l", {"1"}});
  write(g, strings::push_back{"ll", {"2"}});
  write(g, strings::push_back{std::string_view("l\0", 2), {"3"}});
  CHECK(all(g, "l") == texts{"1"});
  CHECK(all(g, "ll") == texts{"2"});
  CHECK(write(g, strings::clear{"l"}) == strings::write_reply{1, 0});
  CHECK(all(g, "ll") == texts{"2"});
  CHECK(all(g, std::string_view("l\0", 2)) == texts{"3"});
}

TEST_CASE("removing by value takes the first ones, or all") {
  group_under_test g;
  write(g, strings::push_back{"l", {"a", "b", "a", "c", "a"}});
  CHECK(write(g, strings::remove{"l", "a", 2}) == strings::write_reply{2, 3});
  CHECK(all(g, "l") == texts{"b", "c", "a"});
  write(g, strings::push_back{"l", {"a"}});
  CHECK(write(g, strings::remove{"l", "a", 0}) == strings::write_reply{2, 2});
  CHECK(write(g, strings::remove{"l", "x", 0}) == strings::write_reply{0, 2});
  CHECK(write(g, strings::remove{"none", "x", 0}) == strings::write_reply{0, 0});
  CHECK(all(g, "l") == texts{"b", "c"});
}

TEST_CASE("a range counts positions, not the gaps that removals left") {
  group_under_test g;
  write(g, strings::push_back{"l", {"a", "b", "c", "d", "e"}});
  write(g, strings::remove{"l", "b", 0});
  CHECK(read(g, strings::range{"l", 1, 2}).second == texts{"c", "d"});
  CHECK(read(g, strings::range{"l", 3, 2}).second == texts{"e"});
  CHECK(read(g, strings::range{"l", 9, 2}) == std::pair(std::uint64_t{4}, texts{}));
}

TEST_CASE("an emptied list leaves nothing behind") {
  group_under_test g;
  write(g, strings::push_back{"l", {"a", ""}});
  write(g, strings::remove{"l", "", 0});
  write(g, strings::remove{"l", "a", 0});
  CHECK(g.keys().empty());
  write(g, strings::push_back{"l", {"a", "b"}});
  CHECK(write(g, strings::clear{"l"}) == strings::write_reply{2, 0});
  CHECK(write(g, strings::clear{"l"}) == strings::write_reply{0, 0});
  CHECK(g.keys().empty());
}

TEST_CASE("a page of large elements ends before it outgrows its byte limit") {
  group_under_test g;
  const std::string large(strings::element_bytes_max, 'x');
  write(g, strings::push_back{"l", std::vector<std::string_view>(200, large)});
  CHECK(read(g, strings::range{"l", 0, 1'000}).second.size() == 128);
}

TEST_CASE("names, elements, pushes and pages beyond their limits are refused") {
  group_under_test g;
  const std::string name(strings::name_bytes_max, 'n');
  const std::string element(strings::element_bytes_max, 'e');
  CHECK(write(g, strings::push_back{name, {element}}).length == 1);
  CHECK(all(g, name) == texts{element});
  const std::string long_name = name + "n";
  const std::string long_element = element + "e";
  CHECK(g.apply(strings::encode(strings::push_back{long_name, {"e"}})).error ==
        "strings: name: has more than 256 bytes");
  CHECK(g.apply(strings::encode(strings::clear{""})).error == "strings: name: is empty");
  CHECK(g.apply(strings::encode(strings::push_back{"l", {long_element}})).error ==
        "strings: element: has more than 65536 bytes");
  CHECK(g.apply(strings::encode(strings::push_back{"l", {}})).error ==
        "strings: elements: are empty");
  const std::vector<std::string_view> many(strings::push_elements_max + 1, "e");
  CHECK(g.apply(strings::encode(strings::push_back{"l", many})).error ==
        "strings: elements: has more than 1000 elements");
  CHECK(g.ask(strings::encode(strings::range{"l", 0, 0})).error ==
        "strings: limit: is not between 1 and 1000");
  CHECK(g.ask(strings::encode(strings::range{"l", 0, 1'001})).error ==
        "strings: limit: is above 1000");
}

TEST_CASE("a list that is full refuses the whole push and stays as it was") {
  group_under_test g;
  const std::vector<std::string_view> thousand(1'000, "e");
  for (int i = 0; i < 10; ++i) write(g, strings::push_back{"l", thousand});
  const auto before = g.keys();
  CHECK(g.apply(strings::encode(strings::push_back{"l", {"e"}})).error ==
        "strings: the list would have more than 10000 elements");
  CHECK(g.keys() == before);
  CHECK(write(g, strings::remove{"l", "e", 1}).length == 9'999);
  CHECK(write(g, strings::push_back{"l", {"e"}}).length == 10'000);
}

TEST_CASE("a list whose bytes are spent refuses the whole push and stays as it was") {
  group_under_test g;
  const std::string large(strings::element_bytes_max, 'x');
  write(g, strings::push_back{"l", std::vector<std::string_view>(256, large)});
  const auto before = g.keys();
  CHECK(g.apply(strings::encode(strings::push_back{"l", {"e"}})).error ==
        "strings: the list would have more than 16777216 bytes");
  CHECK(g.keys() == before);
  write(g, strings::remove{"l", large, 1});
  CHECK(write(g, strings::push_back{"l", {"e"}}).length == 256);
}

TEST_CASE("in the log: string-list commands, do not change") {
  CHECK(hex(strings::encode(strings::push_back{"l", {"a", "b"}})) ==
        "95010101c4016c92c40161c40162");
  CHECK(hex(strings::encode(strings::remove{"l", "a", 2})) == "96010102c4016cc4016102");
  CHECK(hex(strings::encode(strings::clear{"l"})) == "94010103c4016c");
}

TEST_CASE("on the wire: string-list queries and replies, do not change") {
  CHECK(hex(strings::encode(strings::range{"l", 3, 5})) == "96010204c4016c0305");
  CHECK(hex(strings::encode(strings::length{"l"})) == "94010205c4016c");
  CHECK(hex(strings::encode(strings::write_reply{1, 2})) == "950103010102");
  CHECK(hex(strings::encode(strings::range_reply{2, {"a"}})) == "950103040291c40161");
}

TEST_CASE("on disk: string-list records, do not change") {
  group_under_test g;
  write(g, strings::push_back{"l", {"ab"}});
  REQUIRE(g.keys().size() == 2);
  CHECK(hex(g.keys().begin()->first) == "65006c0000000000000000");
  CHECK(hex(g.keys().begin()->second) == "6162");
  CHECK(hex(g.keys().rbegin()->first) == "6c6c");
  CHECK(hex(g.keys().rbegin()->second) == "01000000000000000100000000000000010000000000000002");
}

TEST_CASE("the same list commands give the same state and replies") {
  group_under_test one;
  group_under_test two;
  for (int i = 0; i < 200; ++i) {
    const auto name = std::to_string(i % 3);
    const auto element = std::to_string(i * 7 % 11);
    const auto bytes = i % 4 == 0    ? strings::encode(strings::remove{name, element, 1})
                       : i % 41 == 0 ? strings::encode(strings::clear{name})
                                     : strings::encode(strings::push_back{name, {element}});
    CHECK(one.apply(bytes).data == two.apply(bytes).data);
  }
  CHECK(one.keys() == two.keys());
}

TEST_CASE("poison entries are refused by string lists and leave no trace") {
  group_under_test g;
  const auto good = strings::encode(strings::push_back{"l", {"a", "b"}});
  std::vector<std::string> poison{"rubbish", good + "x", strings::encode(strings::length{"l"}),
                                  good.substr(0, 3) + "\x09" + good.substr(4)};
  for (std::size_t cut = 0; cut < good.size(); ++cut) poison.push_back(good.substr(0, cut));
  for (const auto& p : poison) {
    INFO(hex(p));
    CHECK(g.apply(p).error.rfind("strings: ", 0) == 0);
  }
  CHECK(g.keys().empty());
}
