// Namespaces: which exist, what a node is told of them, and their bytes.
#include "processors/namespaces.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "tests/processors/applied_group.hpp"

using namespace troupe;
using namespace troupe::test;

namespace spaces = processors::spaces;

namespace {

using namespaces_group = applied_group<processors::namespaces>;

/// What a node would show.
struct told final : spaces::namespace_observer {
  void begin() override {
    found.clear();
    ++loads;
  }
  void put(std::string_view id, const spaces::record& r) override {
    found[std::string(id)] = {std::string(r.show_name), std::string(r.description)};
  }
  void erased(std::string_view id) override { found.erase(std::string(id)); }
  void loaded() override {}

  std::map<std::string, std::pair<std::string, std::string>> found;
  int loads = 0;
};

std::string adding(std::string_view id, std::string_view name = "Development") {
  return spaces::encode(spaces::command{spaces::verb_add, id, {name, "for tests"}});
}

bool changed_by(const reply& r) {
  REQUIRE(r.error == "");
  const auto decoded = spaces::decode_write_reply(r.data);
  REQUIRE(decoded);
  return decoded->changed;
}

spaces::list_reply listed(const reply& r) {
  REQUIRE(r.error == "");
  const auto decoded = spaces::decode_list_reply(r.data);
  REQUIRE(decoded);
  return *decoded;
}

}  // namespace

TEST_CASE("namespaces: one exists from its addition to its removal") {
  const auto observer = std::make_shared<told>();
  namespaces_group g(observer);
  CHECK(changed_by(g.apply(adding("dev"))));
  CHECK(observer->found.at("dev") ==
        std::pair<std::string, std::string>("Development", "for tests"));
  CHECK(changed_by(
      g.apply(spaces::encode(spaces::command{spaces::verb_update, "dev", {"Testing", ""}}))));
  CHECK(observer->found.at("dev").first == "Testing");
  const auto removal = spaces::encode(spaces::command{spaces::verb_remove, "dev", {}});
  CHECK(changed_by(g.apply(removal)));
  CHECK_FALSE(changed_by(g.apply(removal)));
  CHECK(observer->found.empty());
}

TEST_CASE("namespaces: an id is added once and updated only while it exists") {
  namespaces_group g;
  CHECK(changed_by(g.apply(adding("dev"))));
  CHECK(g.apply(adding("dev")).error == "namespaceId [dev] already exist");
  const auto update = spaces::encode(spaces::command{spaces::verb_update, "test", {"T", ""}});
  CHECK(g.apply(update).error == "namespaceId [test] not exist");
  CHECK_FALSE(changed_by(g.apply(
      spaces::encode(spaces::command{spaces::verb_update, "dev", {"Development", "for tests"}}))));
}

TEST_CASE("namespaces: the default one can be neither added, changed nor removed") {
  namespaces_group g;
  for (const auto verb : {spaces::verb_add, spaces::verb_update, spaces::verb_remove}) {
    const auto r = g.apply(spaces::encode(spaces::command{verb, "public", {"p", ""}}));
    CHECK(r.error == "namespaceId [public] is the default namespace and stays as it is");
  }
  CHECK(g.keys().empty());
}

TEST_CASE("namespaces: a list goes on where its last page ended") {
  namespaces_group g;
  for (const auto* id : {"c", "a", "b"}) CHECK(changed_by(g.apply(adding(id, id))));
  const auto first = g.ask(spaces::encode(spaces::list{"", 2}));
  const auto page = listed(first);
  REQUIRE(page.items.size() == 2);
  CHECK(page.items[0].id == "a");
  CHECK(page.items[1].record.show_name == "b");
  CHECK(page.more);
  const auto second = g.ask(spaces::encode(spaces::list{"b", 2}));
  const auto rest = listed(second);
  REQUIRE(rest.items.size() == 1);
  CHECK(rest.items[0].id == "c");
  CHECK_FALSE(rest.more);
}

TEST_CASE("namespaces: their number has a limit, and a removed one makes room") {
  namespaces_group g;
  std::vector<std::string> commands;
  for (std::size_t i = 0; i < spaces::namespaces_max; ++i) {
    commands.push_back(adding("n" + std::to_string(i)));
  }
  REQUIRE(g.apply_together(commands));
  CHECK(g.apply(adding("more")).error ==
        "Namespace operation failed. there are 10000 namespaces, which is the limit");
  CHECK(changed_by(g.apply(spaces::encode(spaces::command{spaces::verb_remove, "n7", {}}))));
  CHECK(changed_by(g.apply(adding("more"))));
}

TEST_CASE("namespaces: a restarted node is told everything, and nothing twice") {
  const auto observer = std::make_shared<told>();
  namespaces_group g(observer);
  CHECK(g.apply(adding("dev")).success);
  observer->found["gone"] = {};
  g.load();
  CHECK(observer->loads == 1);
  CHECK(observer->found.size() == 1);
  CHECK(observer->found.at("dev").first == "Development");
}

TEST_CASE("namespaces: a node hears of a change when it is committed and not before") {
  const auto observer = std::make_shared<told>();
  processors::namespaces p(observer);
  persistence::memory_state state;
  auto write = state.begin();
  CHECK(p.apply({raft::log_index{1}, raft::term{1}, raft::bytes(adding("dev"))}, *write).success);
  CHECK(observer->found.empty());
  p.committed();
  CHECK(observer->found.count("dev") == 1);
}

TEST_CASE("in the log: namespace commands, do not change") {
  const spaces::command c{spaces::verb_add, "d", {"n", "t"}};
  CHECK(hex(spaces::encode(c)) == "960101ad4e414d4553504143455f414444a164a16ea174");
}

TEST_CASE("on the wire: namespace queries and replies, do not change") {
  CHECK(hex(spaces::encode(spaces::list{"a", 5})) == "950102ae4e414d4553504143455f4c495354a16105");
  CHECK(hex(spaces::encode(spaces::write_reply{true})) == "94010301c3");
  CHECK(hex(spaces::encode(spaces::list_reply{{{"d", {"n", "t"}}}, true})) ==
        "9501030291"
        "93a164a16ea174c3");
}

TEST_CASE("on disk: namespaces, do not change") {
  namespaces_group g;
  CHECK(g.apply(adding("d", "n")).success);
  std::map<std::string, std::string> found;
  for (const auto& [key, value] : g.keys()) found.emplace(hex(key), hex(value));
  const std::map<std::string, std::string> expected{
      {"6e", "0000000000000001"},
      {"6e64", "95010403a16ea9666f72207465737473"},
  };
  CHECK(found == expected);
}

TEST_CASE("namespaces: poison entries are refused and leave no trace") {
  namespaces_group g;
  CHECK(g.apply(adding("dev")).success);
  const auto before = g.keys();
  const auto good = adding("test");
  std::vector<std::string> poison{
      "rubbish",
      good + "x",
      spaces::encode(spaces::command{"NAMESPACE_MOVE", "dev", {}}),
      spaces::encode(spaces::command{spaces::verb_add, "", {}}),
      spaces::encode(spaces::command{spaces::verb_add, std::string_view("a\0b", 3), {}}),
      spaces::encode(spaces::command{spaces::verb_add, std::string(129, 'a'), {}}),
      adding("long", std::string(1'025, 'a')),
      spaces::encode(spaces::list{"", 1})};
  for (std::size_t cut = 0; cut < good.size(); ++cut) poison.push_back(good.substr(0, cut));
  for (const auto& p : poison) {
    INFO(hex(p.substr(0, 64)));
    const auto r = g.apply(p);
    CHECK_FALSE(r.success);
    CHECK(r.error.rfind("Namespace operation failed. ", 0) == 0);
  }
  CHECK(g.keys() == before);
}
