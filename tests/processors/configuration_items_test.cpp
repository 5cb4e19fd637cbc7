#include "tests/processors/configuration_fixture.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr cfg::item_key app{"", "g", "app"};
constexpr cfg::item_key db{"t", "g", "db"};

}  // namespace

TEST_CASE("what was published last is what stands", "[configuration]") {
  configuration_group g;
  std::string md5;
  CHECK(write(g, publication(app, "a=1"), &md5) == cfg::write_reply{true, 0, {}});
  CHECK(md5 == digest("a=1"));
  CHECK(write(g, publication(app, "a=2")) == cfg::write_reply{true, 1, {}});
  CHECK(content_of(g, app) == "a=2");
  CHECK(content_of(g, {"t", "g", "app"}).empty());
}

TEST_CASE("a configuration keeps its id and its creator, and what a publication leaves unsaid",
          "[configuration]") {
  configuration_group g;
  auto first = publication(app, "a=1", 1'000);
  first.app_name = "shop";
  first.description = "ports";
  first.tags = {{"x", "y"}};
  first.type = "yaml";
  write(g, first);
  auto second = publication(app, "a=2", 2'000);
  second.source = {"10.9.9.9", "eve"};
  second.use = "tests";
  write(g, second);

  const auto r = g.ask(cfg::encode(cfg::get{app}));
  const auto found = cfg::decode_get_reply(r.data);
  REQUIRE(found);
  REQUIRE(found->item);
  const auto& i = *found->item;
  CHECK(i.id == 1);
  CHECK(i.created_ms == 1'000);
  CHECK(i.modified_ms == 2'000);
  CHECK(i.created_by == "ann");
  CHECK(i.created_from == "10.0.0.1");
  CHECK(i.app_name == "shop");
  CHECK(i.description == "ports");
  CHECK(i.use == "tests");
  CHECK(i.tags == std::vector<std::string_view>{"x", "y"});
  CHECK(i.type == "text");
  CHECK(i.content_bytes == 3);
}

TEST_CASE("modification times do not run backwards when clocks do", "[configuration]") {
  configuration_group g;
  write(g, publication(app, "1", 5'000));
  write(g, publication(app, "2", 4'000));
  const auto r = g.ask(cfg::encode(cfg::get{app}));
  CHECK(cfg::decode_get_reply(r.data)->item->modified_ms == 5'000);
}

TEST_CASE("compare-and-set publishes only over the expected digest", "[configuration]") {
  configuration_group g;
  auto c = publication(app, "new");
  c.expected_md5 = digest("old");
  std::string md5 = "unset";
  CHECK(write(g, c, &md5) == cfg::write_reply{false, 0, {}});
  CHECK(md5.empty());
  CHECK(content_of(g, app).empty());
  CHECK(history_of(g, app).empty());

  write(g, publication(app, "old"));
  c.stamp.request_id = next_request();
  CHECK(write(g, c) == cfg::write_reply{true, 1, {}});
  c.stamp.request_id = next_request();
  CHECK(write(g, c, &md5) == cfg::write_reply{false, 1, {}});
  CHECK(md5 == digest("new"));

  auto fresh = publication(db, "1");
  fresh.expected_md5 = "";
  CHECK(write(g, fresh).done);
  fresh.stamp.request_id = next_request();
  CHECK_FALSE(write(g, fresh).done);
}

TEST_CASE("a request that the log holds twice is applied once", "[configuration]") {
  configuration_group g;
  write(g, publication(app, "old"));
  auto cas = publication(app, "new");
  cas.expected_md5 = digest("old");
  std::string first_md5;
  std::string second_md5;
  const auto first = write(g, cas, &first_md5);
  CHECK(first.done);
  write(g, publication(app, "newer"));
  CHECK(write(g, cas, &second_md5) == first);
  CHECK(second_md5 == first_md5);
  CHECK(content_of(g, app) == "newer");
  CHECK(history_of(g, app).size() == 3);

  const auto gone = removal(app);
  CHECK(write(g, gone).existed == 1);
  write(g, publication(app, "again"));
  CHECK(write(g, gone).existed == 1);
  CHECK(content_of(g, app) == "again");

  auto elsewhere = cas;
  elsewhere.stamp.node = raft::node_id{2};
  CHECK_FALSE(write(g, elsewhere).done);
}

TEST_CASE("of requests only the last ones are remembered", "[configuration]") {
  processors::configuration_limits limits;
  limits.requests_remembered = 3;
  configuration_group g(limits);
  const auto repeated = publication(app, "1");
  write(g, repeated);
  const auto keys_of_one = g.keys().size();
  for (int i = 0; i < 2; ++i) write(g, publication(db, "x"));
  write(g, repeated);
  CHECK(history_of(g, app).size() == 1);
  write(g, publication(db, "x"));
  write(g, repeated);  // the fourth behind it has displaced it
  CHECK(history_of(g, app).size() == 2);
  for (int i = 0; i < 50; ++i) write(g, removal(app));
  const auto settled = g.keys().size();
  for (int i = 0; i < 50; ++i) write(g, removal(app));
  CHECK(g.keys().size() == settled);
  CHECK(settled > keys_of_one);
}

TEST_CASE("removing is done also where nothing stands", "[configuration]") {
  configuration_group g;
  write(g, publication(app, "1"));
  CHECK(write(g, removal(app)) == cfg::write_reply{true, 1, {}});
  CHECK(write(g, removal(app)) == cfg::write_reply{true, 0, {}});
  CHECK(content_of(g, app).empty());
}

TEST_CASE("several are removed by their ids, all in one entry", "[configuration]") {
  configuration_group g;
  write(g, publication(app, "1"));
  write(g, publication(db, "2"));
  write(g, publication({"", "g", "kept"}, "3"));
  const cfg::remove_ids c{{1, 2, 77, 2}, {"ip", "me"}, {9, next_request(), raft::node_id{1}}};
  CHECK(write(g, c) == cfg::write_reply{true, 2, {}});
  CHECK(content_of(g, app).empty());
  CHECK(content_of(g, db).empty());
  CHECK(content_of(g, {"", "g", "kept"}) == "3");
  CHECK(history_of(g, db) == std::vector<std::string>{"D 5 2", "I 2 2"});
}

TEST_CASE("a digest that is not the content's is refused, and nothing is kept", "[configuration]") {
  configuration_group g;
  auto c = publication(app, "1");
  c.md5 = digest("2");
  const auto r = g.apply(cfg::encode(c));
  CHECK_FALSE(r.success);
  CHECK(r.error == "Configuration operation failed. md5: is not the one of the content");
  CHECK(g.keys().empty());
  CHECK(g.heard->told.empty());
}

TEST_CASE("beyond the limit new configurations are refused, changes are not", "[configuration]") {
  processors::configuration_limits limits;
  limits.items_max = 1;
  configuration_group g(limits);
  write(g, publication(app, "1"));
  const auto r = g.apply(cfg::encode(publication(db, "1")));
  CHECK_FALSE(r.success);
  CHECK(r.error.find("1 configurations, which is the limit") != std::string::npos);
  CHECK(write(g, publication(app, "2")).done);
  write(g, removal(app));
  CHECK(write(g, publication(db, "1")).done);
}

TEST_CASE("the largest content passes, one byte more does not", "[configuration]") {
  configuration_group g;
  const std::string largest(cfg::content_bytes_max, 'x');
  CHECK(write(g, publication(app, largest)).done);
  CHECK(content_of(g, app) == largest);
  const std::string beyond(cfg::content_bytes_max + 1, 'x');
  const auto r = g.apply(cfg::encode(publication(app, beyond)));
  CHECK_FALSE(r.success);
  CHECK(r.error.find("content: has more than 10485760 bytes") != std::string::npos);
}

TEST_CASE("the observer hears what is committed, not before and not what was refused",
          "[configuration]") {
  configuration_group g;
  g.apply_only(cfg::encode(publication(app, "1")));
  CHECK(g.heard->told.empty());
  auto bad = publication(app, "2");
  bad.md5 = digest("1");
  g.apply_only(cfg::encode(bad));
  g.apply_only(cfg::encode(removal(app)));
  g.apply(cfg::encode(publication(db, "1")));
  CHECK(g.heard->told ==
        std::vector<std::string>{"put |g|app", "erased |g|app", "put t|g|db", "committed"});
  g.heard->told.clear();
  g.apply(cfg::encode(removal(app)));
  CHECK(g.heard->told.empty());
}

TEST_CASE("the observer hears all that stands when the state is opened", "[configuration]") {
  configuration_group g;
  write(g, publication(app, "1"));
  write(g, publication(db, "2"));
  g.apply_only(cfg::encode(removal(app)));
  g.heard->told.clear();
  g.load();
  CHECK(g.heard->told == std::vector<std::string>{"begin", "put t|g|db", "loaded"});
  CHECK(g.heard->standing.at("t|g|db") == digest("2"));
}

TEST_CASE("the same entries leave the same state, byte for byte", "[configuration]") {
  const auto run = [] {
    configuration_group g;
    std::uint64_t request = 0;
    const auto stamped = [&](auto c) {
      c.stamp.request_id = ++request;
      return cfg::encode(c);
    };
    g.apply(stamped(publication(app, "1")));
    g.apply(stamped(publication(db, "2", 900)));
    g.apply(stamped(publication(app, "3", 2'000)));
    g.apply(stamped(removal(db, 2'500)));
    g.apply(cfg::encode(cfg::history_trim{0, 1'000}));
    return g.keys();
  };
  CHECK(run() == run());
}
