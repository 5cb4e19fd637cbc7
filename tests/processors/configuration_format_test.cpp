// What the configuration centre puts into the log, onto the wire and onto disk, byte for byte; and
// what becomes of bytes that are none of it.
#include "tests/processors/applied_group.hpp"
#include "tests/processors/configuration_fixture.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

cfg::publish full() {
  cfg::publish c;
  c.key = {"t", "g", "d"};
  c.content = "a";
  c.md5 = digest("a");
  c.type = "text";
  c.encrypted_key = "e";
  c.app_name = "n";
  c.tags = {{"x"}};
  c.expected_md5 = "";
  c.source = {"i", "u"};
  c.stamp = {258, 2, raft::node_id{1}};
  return c;
}

}  // namespace

TEST_CASE("md5 is the one of RFC 1321") {
  CHECK(processors::md5_hex("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(processors::md5_hex("abc") == "900150983cd24fb0d6963f7d28e17f72");
}

TEST_CASE("in the log: changes of configurations, do not change") {
  CHECK(hex(cfg::encode(full())) ==
        "dc00110101a75055424c49534893a174a167a164c40161d9203063633137356239633066316"
        "236613833316333393965323639373732363631a474657874a16591a16e909090909191a178"
        "91a092a169a17593cd01020201");
  CHECK(hex(cfg::encode(cfg::remove{{"t", "g", "d"}, {"i", "u"}, {258, 2, raft::node_id{1}}})) ==
        "960101a652454d4f564593a174a167a16492a169a17593cd01020201");
  CHECK(hex(cfg::encode(cfg::remove_ids{{7}, {"i", "u"}, {258, 2, raft::node_id{1}}})) ==
        "960101aa52454d4f56455f494453910792a169a17593cd01020201");
  CHECK(hex(cfg::encode(cfg::history_trim{1, 258})) == "950101ac484953544f52595f5452494d01cd0102");
}

TEST_CASE("on the wire: queries and answers of configurations, do not change") {
  CHECK(hex(cfg::encode(cfg::get{{"t", "g", "d"}})) == "940102a84954454d5f47455493a174a167a164");
  CHECK(hex(cfg::encode(cfg::list{"t"})) == "940102a94954454d5f4c495354a174");
  CHECK(hex(cfg::encode(cfg::history{{"t", "g", "d"}, {2, 3}})) ==
        "950102ac484953544f52595f4c49535493a174a167a164920203");
  CHECK(hex(cfg::encode(cfg::get_history_row{5})) == "940102ab484953544f52595f47455405");
  CHECK(hex(cfg::encode(cfg::previous_history_row{{"t", "g", "d"}, 5})) ==
        "950102b0484953544f52595f50524556494f555393a174a167a16405");
  CHECK(hex(cfg::encode(cfg::search{"t", "g", "d", true, "n", "c", {"x"}, {"y"}, {2, 3}})) ==
        "9c0102ab4954454d5f534541524348a174a167a164c3a16ea16391a17891a179920203");
  CHECK(hex(cfg::encode(cfg::write_reply{true, 1, "m"})) == "960103a55752495445c301a16d");
  CHECK(hex(cfg::encode(cfg::trim_reply{1, true, 2})) == "960103ac484953544f52595f5452494d01c302");
  CHECK(hex(cfg::encode(cfg::get_reply{})) == "950103a84954454d5f47455490c400");
  CHECK(hex(cfg::encode(cfg::search_reply{7, {}})) == "950103ab4954454d5f5345415243480790");
}

TEST_CASE("on disk: records of configurations, do not change") {
  configuration_group g;
  CHECK(written(g.apply(cfg::encode(full()))).done);
  std::map<std::string, std::string> found;
  for (const auto& [key, value] : g.keys()) found.emplace(hex(key), hex(value));
  const std::string item =
      "dc001093a174a167a16401d9203063633137356239633066316236613833316333393965323639373732363631"
      "01a474657874a16ea0a0a0a091a178a165cd0102cd0102a175a169";
  const std::map<std::string, std::string> expected{
      {"63690000000000000001", "7400670064"},
      {"636d7400670064", "940104a44954454d" + item},
      {"636e", "00000000000000010000000000000001"},
      {"63767400670064", "61"},
      {"6869740067006400fffffffffffffffe", ""},
      {"686e", "0000000000000001000000000000000000000000000000010000000000000001"},
      {"68720000000000000001", "940104a7484953544f52599501a14992a169a175cd0102" + item},
      {"687400000000000001020000000000000001", ""},
      {"68760000000000000001", "61"},
      {"726e", "0000000000000001"},
      {"727100000000000000010000000000000002",
       "960103a55752495445c300d920"
       "3063633137356239633066316236613833316333393965323639373732363631"},
      {"72730000000000000000", "00000000000000010000000000000002"},
  };
  CHECK(found == expected);
}

TEST_CASE("configurations: what is encoded is decoded to the same") {
  const auto c = full();
  const auto bytes = cfg::encode(c);
  const auto decoded = cfg::decode_change(bytes);
  REQUIRE(decoded);
  CHECK(std::get<cfg::publish>(*decoded) == c);
  const cfg::search q{"t", "g", "d", true, "n", "c", {"x"}, {"y", "z"}, {2, 3}};
  const auto asked = cfg::encode(q);
  CHECK(std::get<cfg::search>(*cfg::decode_question(asked)) == q);
}

TEST_CASE("poison entries of configurations are refused and change nothing") {
  configuration_group g;
  const auto good = cfg::encode(full());
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    CHECK_FALSE(g.apply(good.substr(0, cut)).success);
  }
  CHECK_FALSE(g.apply(good + "x").success);
  CHECK_FALSE(g.apply(cfg::encode(cfg::get{{"t", "g", "d"}})).success);
  auto c = full();
  c.key.data_id = "";
  CHECK(g.apply(cfg::encode(c)).error.find("data id: is empty") != std::string::npos);
  c = full();
  c.key.config_group = std::string_view("a\0b", 3);
  CHECK(g.apply(cfg::encode(c)).error.find("group: holds a NUL byte") != std::string::npos);
  c = full();
  c.content = "";
  CHECK(g.apply(cfg::encode(c)).error.find("content: is empty") != std::string::npos);
  c = full();
  c.tags = std::vector<std::string_view>(6, "x");
  CHECK(g.apply(cfg::encode(c)).error.find("tags: has more than 5") != std::string::npos);
  CHECK(g.keys().empty());
  CHECK(g.apply(good).success);
}

TEST_CASE("each bit that flips in an entry is refused or means something well formed") {
  const auto good = cfg::encode(full());
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto bad = good;
      bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ (1U << bit));
      configuration_group g;
      const auto r = g.apply(bad);
      CHECK((r.success || !r.error.empty()));
      CHECK((r.success || g.keys().empty()));
    }
  }
}

TEST_CASE("a stored record of unknown form refuses what needs it and spares the rest") {
  const auto decoded = cfg::decode_item("nonsense");
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().what.find("payload") == 0);
}
