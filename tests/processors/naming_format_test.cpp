// What persistent instances put into the log, onto the wire and onto disk, byte for byte; and what
// becomes of bytes that are none of it.
#include <catch2/catch.hpp>

#include "tests/processors/naming_fixture.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

naming::command full() {
  naming::command c;
  c.verb = naming::verb_add;
  c.service = {"n", "g", "s"};
  c.instance.ip = "i";
  c.instance.port = 80;
  c.instance.cluster = "c";
  c.instance.weight = 1.5;
  c.instance.metadata = {{"k", "v"}};
  c.stamp = {258, 2, raft::node_id{1}};
  return c;
}

}  // namespace

TEST_CASE("in the log: naming commands, do not change") {
  const std::string service = "94a16ea167a173c2";
  const std::string instance = "98a16950a163c3c3cb3ff8000000000000a081a16ba176";
  const std::string rest = "c3aa693a38302366616c7365";  // keep_health, "i:80#false"
  const std::string stamp = "93cd01020201";
  auto c = full();
  const auto tail = "94" + service + instance + rest;
  CHECK(hex(naming::encode(c)) == "950101a3414444" + tail.substr(0) + stamp);
  c.verb = naming::verb_change;
  CHECK(hex(naming::encode(c)) == "950101a64348414e4745" + tail + stamp);
  c.verb = naming::verb_delete;
  CHECK(hex(naming::encode(c)) == "950101a644454c455445" + tail + stamp);
}

TEST_CASE("on the wire: naming queries and replies, do not change") {
  CHECK(hex(naming::encode(naming::list_instances{{"n", "g", "s"}, {"c"}})) ==
        "97010202a16ea167a17391a163");
  CHECK(hex(naming::encode(naming::get_instance{{"n", "g", "s"}, "i", 80})) ==
        "98010203a16ea167a173a16950");
  CHECK(hex(naming::encode(naming::list_services{"n", "g", "a", "b", 5})) ==
        "98010204a16ea167a161a16205");
  CHECK(hex(naming::encode(naming::write_reply{true, raft::log_index{9}})) == "95010301c309");
  CHECK(hex(naming::encode(naming::instances_reply{true, raft::log_index{9}, 7, 1, {}})) ==
        "98010302c309070190");
  CHECK(hex(naming::encode(naming::services_reply{{{"g", "s", 1, raft::log_index{9}, 7}}, true})) ==
        "95010304c39195a167a173010907");
}

TEST_CASE("on disk: naming records, do not change") {
  naming_group g;
  write(g, full());
  std::map<std::string, std::string> found;
  for (const auto& [key, value] : g.keys()) found.emplace(hex(key), hex(value));
  const std::map<std::string, std::string> expected{
      {"63693a38302366616c7365006e0067"
       "0073",
       ""},
      {"68", "0000000000000102"},
      {"696e006700730"
       "0693a38302366616c7365",
       "94010405"
       "9aa16950a163c3c3cb3ff8000000000000a081a16ba17600a0"},
      {"736e00670073",
       "0101"
       "0000000000000001"
       "0000000000000001"
       "0000000000000102"},
  };
  CHECK(found == expected);
}

TEST_CASE("naming: what is encoded is decoded to the same") {
  const auto c = full();
  const auto bytes = naming::encode(c);
  const auto decoded = naming::decode_command(bytes);
  REQUIRE(decoded);
  CHECK(*decoded == c);
}

TEST_CASE("naming: the same commands give the same state and replies") {
  naming_group one;
  naming_group two;
  for (unsigned i = 0; i < 500; ++i) {
    const auto ip = "10.0.0." + std::to_string(i * 7 % 13);
    auto c = i % 5 == 0 ? removal(ip, 80) : i % 3 == 0 ? flip(ip, 80, i % 2 == 0) : add(ip, 80);
    const auto name = "s" + std::to_string(i % 4);
    c.service.name = name;
    c.instance.weight = i % 9;
    c.stamp = {1'000 + i * 37 % 50, i, raft::node_id{i % 3 + 1}};
    const auto bytes = naming::encode(c);
    const auto first = one.apply(bytes);
    CHECK(first.success);
    CHECK(first.data == two.apply(bytes).data);
  }
  CHECK(one.keys() == two.keys());
}

TEST_CASE("naming: counts and indexes agree with the instances after any history") {
  naming_group g;
  for (unsigned i = 0; i < 500; ++i) {
    const auto ip = "10.0.0." + std::to_string(i * 11 % 17);
    write(g, i % 3 == 0 ? removal(ip, 80) : add(ip, 80));
  }
  std::size_t in_services = 0;
  std::size_t in_clients = 0;
  for (const auto& [key, value] : g.keys()) {
    in_services += key[0] == 'i' ? 1 : 0;
    in_clients += key[0] == 'c' ? 1 : 0;
  }
  CHECK(in_services == in_clients);
  CHECK(services(g, "public")[0].instances == in_services);
}

TEST_CASE("naming: poison entries are refused and leave no trace") {
  naming_group g;
  write(g, add("10.0.0.1", 80));
  const auto before = g.keys();
  const auto good = naming::encode(full());
  auto foreign_client = good;
  foreign_client[foreign_client.find("i:80#")] = 'j';
  std::vector<std::string> poison{"rubbish",
                                  good + "x",
                                  foreign_client,
                                  naming::encode(naming::get_instance{orders, "a", 1}),
                                  std::string(1'000'000, '\x91'),
                                  "\x95\x02" + good.substr(2)};
  for (std::size_t cut = 0; cut < good.size(); ++cut) poison.push_back(good.substr(0, cut));
  for (const auto& p : poison) {
    INFO(hex(p.substr(0, 64)));
    const auto r = g.apply(p);
    CHECK_FALSE(r.success);
    CHECK(r.error.rfind("Persistent client operation failed. ", 0) == 0);
  }
  CHECK(g.keys() == before);
}

TEST_CASE("naming: every single corrupted byte is either refused or a command within limits") {
  const auto good = naming::encode(full());
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int byte = 0; byte < 256; byte += 3) {
      naming_group g;
      auto bad = good;
      bad[i] = static_cast<char>(byte);
      const auto r = g.apply(bad);
      CHECK(r.success == r.error.empty());
    }
  }
}
