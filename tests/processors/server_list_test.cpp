// Where nodes serve HTTP: what is kept, what a node is told of it, and its bytes.
#include "processors/server_list.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "tests/processors/applied_group.hpp"

using namespace troupe;
using namespace troupe::test;

namespace servers = processors::servers;

namespace {

struct told final : servers::server_observer {
  void begin() override { found.clear(); }
  void put(raft::node_id node, const servers::record& r) override {
    found[node.value()] = std::string(r.address) + ' ' + std::string(r.version);
    ++puts;
  }
  void erased(raft::node_id node) override { found.erase(node.value()); }
  void loaded() override {}

  std::map<std::uint64_t, std::string> found;
  int puts = 0;
};

std::string announcing(std::uint64_t node, std::string_view address = "10.0.0.1:8848") {
  return servers::encode(servers::announcement{raft::node_id{node}, address, "2.5.1"});
}

struct fixture {
  std::shared_ptr<told> observer = std::make_shared<told>();
  applied_group<processors::server_list> g{observer};
};

}  // namespace

TEST_CASE_METHOD(fixture, "servers: the newest address of a node counts") {
  CHECK(g.apply(announcing(1)).success);
  CHECK(g.apply(announcing(2, "10.0.0.2:8848")).success);
  CHECK(g.apply(announcing(1, "10.0.0.9:8848")).success);
  CHECK(observer->found == std::map<std::uint64_t, std::string>{{1, "10.0.0.9:8848 2.5.1"},
                                                                {2, "10.0.0.2:8848 2.5.1"}});
}

TEST_CASE_METHOD(fixture, "servers: what is known already is told to nobody") {
  CHECK(g.apply(announcing(1)).success);
  const auto before = g.keys();
  CHECK(g.apply(announcing(1)).success);
  CHECK(g.keys() == before);
  CHECK(observer->puts == 1);
}

TEST_CASE_METHOD(fixture, "servers: of too many the one that was heard longest ago is forgotten") {
  for (std::uint64_t node = 1; node <= servers::servers_max; ++node) {
    CHECK(g.apply(announcing(node)).success);
  }
  CHECK(g.apply(announcing(1, "10.0.0.9:8848")).success);
  CHECK(g.apply(announcing(5'000)).success);
  CHECK(observer->found.size() == servers::servers_max);
  CHECK(observer->found.count(1) == 1);
  CHECK(observer->found.count(2) == 0);
  CHECK(observer->found.count(5'000) == 1);
}

TEST_CASE_METHOD(fixture, "servers: a restarted node is told everything that stands") {
  CHECK(g.apply(announcing(1)).success);
  observer->found[7] = "gone";
  g.load();
  CHECK(observer->found == std::map<std::uint64_t, std::string>{{1, "10.0.0.1:8848 2.5.1"}});
}

TEST_CASE("in the log and on disk: servers, do not change") {
  CHECK(hex(announcing(1, "a:1")) ==
        "960101af5345525645525f414e4e4f554e434501a3613a31a5322e352e31");
  fixture f;
  CHECK(f.g.apply(announcing(1, "a:1")).success);
  std::map<std::string, std::string> found;
  for (const auto& [key, value] : f.g.keys()) found.emplace(hex(key), hex(value));
  const std::map<std::string, std::string> expected{
      {"73", "0000000000000001"},
      {"730000000000000001", "950104a3613a31a5322e352e3101"},
  };
  CHECK(found == expected);
}

TEST_CASE_METHOD(fixture, "servers: poison entries are refused and leave no trace") {
  const auto good = announcing(1);
  std::vector<std::string> poison{
      "rubbish",
      good + "x",
      announcing(0),
      announcing(1, "nowhere"),
      announcing(1, std::string(260, 'a') + ":1"),
  };
  for (std::size_t cut = 0; cut < good.size(); ++cut) poison.push_back(good.substr(0, cut));
  for (const auto& p : poison) {
    INFO(hex(p.substr(0, 64)));
    const auto r = g.apply(p);
    CHECK_FALSE(r.success);
    CHECK(r.error.rfind("Server operation failed. ", 0) == 0);
  }
  CHECK(g.keys().empty());
}
