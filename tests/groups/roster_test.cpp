#include "groups/roster.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using groups::acquaintance;
using raft::node_id;

namespace {

const raft::group_id orders{7};
const raft::group_id stock{8};

codec::address_book founders() {
  return {{node_id{1}, "h:1", 0}, {node_id{2}, "h:2", 0}, {node_id{3}, "h:3", 0}};
}

groups::roster roster_of_three(const codec::known_nodes& remembered = {}) {
  return {{{node_id{1}, "h:1"}, {node_id{2}, "h:2"}, {node_id{3}, "h:3"}}, remembered};
}

}  // namespace

TEST_CASE("a node that comes back with another data directory is known as wiped") {
  auto r = roster_of_three();
  CHECK(r.meet(node_id{3}, 33, "h:3") == acquaintance::welcome);
  CHECK(r.meet(node_id{3}, 33, "h:3") == acquaintance::welcome);
  CHECK(r.meet(node_id{3}, 34, "h:3") == acquaintance::wiped);
  CHECK(r.meet(node_id{9}, 1, "h:9") == acquaintance::unknown);

  SECTION("also after a restart") {
    auto again = roster_of_three(r.remembered());
    CHECK(again.meet(node_id{3}, 34, "h:3") == acquaintance::wiped);
  }
  SECTION("until it is added again") {
    r.follow(orders, founders());
    r.follow(orders, {{node_id{1}, "h:1", 0}, {node_id{2}, "h:2", 0}});
    CHECK(r.meet(node_id{3}, 33, "h:3") == acquaintance::unknown);
    r.follow(orders, {{node_id{1}, "h:1", 0}, {node_id{2}, "h:2", 0}, {node_id{3}, "h:4", 50}});
    CHECK(r.meet(node_id{3}, 34, "h:4") == acquaintance::welcome);
    CHECK(r.address_of(node_id{3}) == "h:4");
    SECTION("which an older book does not undo") {
      r.follow(stock, founders());
      CHECK(r.meet(node_id{3}, 34, "h:4") == acquaintance::welcome);
      CHECK(r.meet(node_id{3}, 33, "h:3") == acquaintance::wiped);
    }
  }
  SECTION("nor does a book that lists it as before forgive it") {
    r.follow(orders, {{node_id{1}, "h:1", 0}});
    r.follow(orders, founders());
    CHECK(r.meet(node_id{3}, 34, "h:3") == acquaintance::wiped);
  }
}

TEST_CASE("a node belongs to the cluster while any group has it") {
  auto r = roster_of_three();
  r.follow(orders, founders());
  r.follow(stock, founders());
  r.follow(orders, {{node_id{1}, "h:1", 0}});
  CHECK(r.contains(node_id{2}));
  r.follow(stock, {{node_id{1}, "h:1", 0}});
  CHECK(!r.contains(node_id{2}));
  CHECK(r.addresses().size() == 1);
  CHECK(!roster_of_three(r.remembered()).contains(node_id{2}));
}

TEST_CASE("a node that moved announces its address, and that is told") {
  auto r = roster_of_three();
  int told = 0;
  r.on_change([&] { ++told; });
  CHECK(r.meet(node_id{2}, 22, "h:2") == acquaintance::welcome);
  CHECK(r.meet(node_id{2}, 22, "h:22") == acquaintance::welcome);
  CHECK(r.meet(node_id{2}, 22, "h:22") == acquaintance::welcome);
  CHECK(told == 2);
  CHECK(r.address_of(node_id{2}) == "h:22");
  CHECK(r.book_of({node_id{2}}) == codec::address_book{{node_id{2}, "h:22", 0}});
}

TEST_CASE("what is remembered of nodes survives its encoding") {
  const codec::known_nodes known{{node_id{1}, {"h:1", 0, 11, false}},
                                 {node_id{4}, {"h:4", 77, 0, true}}};
  const auto decoded = codec::decode_roster(codec::encode_roster(known));
  REQUIRE(decoded.has_value());
  CHECK(*decoded == known);
}
