#include "processors/wildcard.hpp"
#include "tests/processors/configuration_fixture.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// "total: data ids" of what was found.
std::string found(const configuration_group& g, const cfg::search& q) {
  const auto r = g.ask(cfg::encode(q));
  REQUIRE(r.success);
  const auto page = cfg::decode_search_reply(r.data);
  REQUIRE(page);
  auto out = std::to_string(page->total) + ":";
  for (const auto& f : page->items) {
    CHECK(f.content.size() == f.item.content_bytes);
    out.append(" ").append(f.item.key.data_id);
  }
  return out;
}

void fill(configuration_group& g) {
  for (const auto* data_id : {"shop.yaml", "shop.json", "bank.yaml"}) {
    auto c = publication({"", "red", data_id}, std::string_view(data_id).substr(0, 4));
    c.type = std::string_view(data_id).substr(5);
    c.app_name = std::string_view(data_id).substr(0, 4);
    c.tags = {{std::string_view(data_id).substr(0, 1), "all"}};
    write(g, c);
  }
  write(g, publication({"", "blue", "shop.yaml"}, "other"));
  write(g, publication({"dev", "red", "dev.yaml"}, "dev"));
}

}  // namespace

TEST_CASE("an accurate search compares whole texts", "[configuration]") {
  configuration_group g;
  fill(g);
  cfg::search q;
  CHECK(found(g, q) == "4: shop.yaml bank.yaml shop.json shop.yaml");
  q.config_group = "red";
  CHECK(found(g, q) == "3: bank.yaml shop.json shop.yaml");
  q.data_id = "shop.yaml";
  CHECK(found(g, q) == "1: shop.yaml");
  q.data_id = "shop*";
  CHECK(found(g, q) == "0:");
  q = {};
  q.tenant = "dev";
  CHECK(found(g, q) == "1: dev.yaml");
}

TEST_CASE("a blurred search knows the wildcard", "[configuration]") {
  configuration_group g;
  fill(g);
  cfg::search q;
  q.blur = true;
  q.data_id = "*yaml";
  CHECK(found(g, q) == "3: shop.yaml bank.yaml shop.yaml");
  q.config_group = "r*";
  CHECK(found(g, q) == "2: bank.yaml shop.yaml");
  q.app_name = "sh*";
  CHECK(found(g, q) == "1: shop.yaml");
}

TEST_CASE("a search looks at type, tags and content", "[configuration]") {
  configuration_group g;
  fill(g);
  cfg::search q;
  q.types = {"json", "xml"};
  CHECK(found(g, q) == "1: shop.json");
  q.types.clear();
  q.tags = {"b"};
  CHECK(found(g, q) == "1: bank.yaml");
  q.tags = {"b", "s"};
  CHECK(found(g, q) == "3: bank.yaml shop.json shop.yaml");
  q.tags.clear();
  q.content = "the";
  CHECK(found(g, q) == "1: shop.yaml");
  q.content = "b*k";
  CHECK(found(g, q) == "0:");
  q.blur = true;
  CHECK(found(g, q) == "1: bank.yaml");
}

TEST_CASE("a page holds its share and tells the total", "[configuration]") {
  configuration_group g;
  fill(g);
  cfg::search q;
  q.page = {2, 3};
  CHECK(found(g, q) == "4: shop.yaml");
  q.page = {3, 3};
  CHECK(found(g, q) == "4:");
}

TEST_CASE("a page of too many bytes is refused and says what to do", "[configuration]") {
  configuration_group g;
  const std::string large(cfg::content_bytes_max, 'x');
  write(g, publication({"", "g", "1"}, large));
  write(g, publication({"", "g", "2"}, large));
  const auto r = g.ask(cfg::encode(cfg::search{}));
  CHECK_FALSE(r.success);
  CHECK(r.error.find("ask for a smaller one") != std::string::npos);
  cfg::search q;
  q.page = {2, 1};
  CHECK(found(g, q) == "2: 2");
}

TEST_CASE("a namespace is listed without contents", "[configuration]") {
  configuration_group g;
  fill(g);
  const auto r = g.ask(cfg::encode(cfg::list{"dev"}));
  const auto listed = cfg::decode_list_reply(r.data);
  REQUIRE(listed);
  REQUIRE(listed->items.size() == 1);
  CHECK(listed->items[0].key == cfg::item_key{"dev", "red", "dev.yaml"});
  CHECK(listed->items[0].md5 == digest("dev"));
  CHECK(listed->items[0].type == "text");
}

TEST_CASE("queries that visit many keys say so", "[configuration]") {
  const configuration_group g;
  const auto scans = [&](const std::string& q) { return g.processor().query_may_scan(q); };
  CHECK(scans(cfg::encode(cfg::search{})));
  CHECK(scans(cfg::encode(cfg::list{})));
  CHECK(scans(cfg::encode(cfg::history{{"", "g", "d"}, {}})));
  CHECK_FALSE(scans(cfg::encode(cfg::get{{"", "g", "d"}})));
  CHECK_FALSE(scans(cfg::encode(cfg::get_history_row{1})));
}

TEST_CASE("a star stands for any characters, also none") {
  using processors::matches_wildcard;
  for (const auto* yes : {"", "*", "a*", "*c", "a*c", "abc", "*b*", "a**c", "*abc*"}) {
    CHECK(matches_wildcard(yes, "abc") == (*yes != '\0'));
  }
  for (const auto* no : {"ab", "b*", "*b", "a*b", "abcd", "ac", "?bc"}) {
    CHECK_FALSE(matches_wildcard(no, "abc"));
  }
  CHECK(matches_wildcard("", ""));
  CHECK(matches_wildcard("**", ""));
  CHECK_FALSE(matches_wildcard("*a", ""));
  CHECK(matches_wildcard("*aab*", "aaaab"));
}
