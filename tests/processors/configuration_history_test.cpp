#include "tests/processors/configuration_fixture.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr cfg::item_key app{"", "g", "app"};
constexpr cfg::item_key db{"", "g", "db"};

using rows = std::vector<std::string>;

cfg::trim_reply trim(configuration_group& g, std::uint64_t from_ms, std::uint64_t before_ms) {
  const auto r = g.apply(cfg::encode(cfg::history_trim{from_ms, before_ms}));
  REQUIRE(r.success);
  const auto done = cfg::decode_trim_reply(r.data);
  REQUIRE(done);
  return *done;
}

}  // namespace

TEST_CASE("history tells each change with what stood before it", "[configuration]") {
  configuration_group g;
  write(g, publication(app, "1"));
  write(g, publication(app, "2"));
  write(g, removal(app));
  write(g, publication(app, "3"));
  CHECK(history_of(g, app) == rows{"I 4 3", "D 3 2", "U 2 1", "I 1 1"});
}

TEST_CASE("a row of history says who, from where, when, and of which configuration",
          "[configuration]") {
  configuration_group g;
  write(g, publication(app, "1", 1'000));
  write(g, removal(app, 3'000));
  const auto r = g.ask(cfg::encode(cfg::get_history_row{2}));
  const auto found = cfg::decode_history_row_reply(r.data);
  REQUIRE(found);
  REQUIRE(found->row);
  CHECK(found->row->operation == cfg::history_operation::erase);
  CHECK(found->row->source == cfg::source{"10.0.0.2", "bob"});
  CHECK(found->row->stamped_ms == 3'000);
  CHECK(found->row->item.key == app);
  CHECK(found->row->item.id == 1);
  CHECK(found->row->item.md5 == digest("1"));
  CHECK(found->content == "1");
}

TEST_CASE("history is paged from the newest row", "[configuration]") {
  configuration_group g;
  for (int i = 1; i <= 5; ++i) write(g, publication(app, std::to_string(i)));
  write(g, publication(db, "x"));
  CHECK(history_of(g, app, {1, 2}) == rows{"U 5 4", "U 4 3"});
  CHECK(history_of(g, app, {3, 2}) == rows{"I 1 1"});
  CHECK(history_of(g, app, {4, 2}).empty());
  const auto r = g.ask(cfg::encode(cfg::history{app, {2, 2}}));
  CHECK(cfg::decode_history_reply(r.data)->total == 5);
}

TEST_CASE("the previous row is the newest one of that configuration", "[configuration]") {
  configuration_group g;
  write(g, publication(app, "1"));
  write(g, publication(app, "2"));
  const auto previous = [&](std::uint64_t id) {
    const auto r = g.ask(cfg::encode(cfg::previous_history_row{app, id}));
    const auto found = cfg::decode_history_row_reply(r.data);
    REQUIRE(found);
    return found->row ? std::string(found->content) : "none";
  };
  CHECK(previous(1) == "1");
  CHECK(previous(2) == "none");
  write(g, removal(app));
  write(g, publication(app, "3"));
  CHECK(previous(1) == "2");
  CHECK(previous(2) == "3");
}

TEST_CASE("trimming erases what is older than the cutoff, whatever the order of stamps",
          "[configuration]") {
  configuration_group g;
  write(g, publication(app, "1", 3'000));
  write(g, publication(app, "2", 1'000));
  write(g, publication(app, "3", 2'000));
  const auto done = trim(g, 0, 2'000);
  CHECK(done == cfg::trim_reply{1, false, 2'000});
  CHECK(history_of(g, app) == rows{"U 3 2", "I 1 1"});
  CHECK(trim(g, 0, 2'000).erased == 0);
  CHECK(content_of(g, app) == "3");
}

TEST_CASE("a long history is trimmed in steps that continue each other", "[configuration]") {
  configuration_group g;
  for (std::uint64_t i = 0; i < cfg::trimmed_rows_max + 5; ++i) {
    write(g, publication(app, "x", 1'000 + i));
  }
  const auto first = trim(g, 0, 1'000'000);
  CHECK(first.erased == cfg::trimmed_rows_max);
  CHECK(first.more);
  CHECK(first.reached_ms == 1'000 + cfg::trimmed_rows_max);
  const auto second = trim(g, first.reached_ms, 1'000'000);
  CHECK(second.erased == 5);
  CHECK_FALSE(second.more);
  CHECK(history_of(g, app).empty());
}

TEST_CASE("trimming leaves nothing of a row behind", "[configuration]") {
  configuration_group g;
  write(g, publication(app, "1"));
  write(g, removal(app));
  trim(g, 0, 2'000);
  std::vector<std::string> left;
  for (const auto& [key, value] : g.keys()) {
    if (key[0] != 'r') left.push_back(key);
  }
  CHECK(left == std::vector<std::string>{"cn", "hn"});
}

TEST_CASE("beyond a limit the oldest rows give way to new ones", "[configuration]") {
  processors::configuration_limits limits;
  limits.history.rows_max = 3;
  configuration_group by_rows(limits);
  for (int i = 1; i <= 5; ++i) write(by_rows, publication(app, std::to_string(i)));
  CHECK(history_of(by_rows, app) == rows{"U 5 4", "U 4 3", "U 3 2"});

  limits = {};
  limits.history.content_bytes_max = 10;
  configuration_group by_bytes(limits);
  for (const auto* content : {"aaaa", "bbbb", "cc", "dddddddd"}) {
    write(by_bytes, publication(app, content));
  }
  write(by_bytes, publication(db, "eeee"));
  CHECK(history_of(by_bytes, app) == rows{"U 4 cc", "U 3 bbbb"});
  CHECK(history_of(by_bytes, db) == rows{"I 5 eeee"});
}
