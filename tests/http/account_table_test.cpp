// What a node knows of users, and what their roles permit.
#include "http/account_table.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::http;

namespace {

constexpr auto reading = access_mode::read;
constexpr auto writing = access_mode::write;

struct permitted {
  account_table table;

  permitted(std::string_view pattern, std::string_view action) {
    table.role_bound("ann", "dev");
    table.permission_put({"dev", pattern, action});
  }
  [[nodiscard]] bool to(access_mode how, const resource& what) const {
    return table.permits("ann", what, how);
  }
};

const resource orders{"dev", "DEFAULT_GROUP", "naming/orders"};

}  // namespace

TEST_CASE("a permission covers a namespace, a group, a name, or all of them", "[access]") {
  for (const auto* pattern : {"dev:*:*", "*:*:*", "dev:DEFAULT_GROUP:*", "d*:DEF*:naming/*",
                              "dev:DEFAULT_GROUP:naming/orders"}) {
    INFO(pattern);
    CHECK(permitted(pattern, "r").to(reading, orders));
  }
  for (const auto* pattern : {"test:*:*", "de:*:*", "dev:OTHER:*", "dev:DEFAULT_GROUP:config/*",
                              "dev:DEFAULT_GROUP:naming/order", "dev", "*", "dev:*"}) {
    INFO(pattern);
    CHECK_FALSE(permitted(pattern, "r").to(reading, orders));
  }
}

TEST_CASE("reading and writing are permitted apart", "[access]") {
  CHECK(permitted("dev:*:*", "r").to(reading, orders));
  CHECK_FALSE(permitted("dev:*:*", "r").to(writing, orders));
  CHECK(permitted("dev:*:*", "w").to(writing, orders));
  CHECK_FALSE(permitted("dev:*:*", "w").to(reading, orders));
  CHECK(permitted("dev:*:*", "rw").to(reading, orders));
  CHECK(permitted("dev:*:*", "rw").to(writing, orders));
}

TEST_CASE("the default namespace is meant by its name and by nothing", "[access]") {
  const resource in_default{"public", "g", "config/a"};
  CHECK(permitted(":*:*", "r").to(reading, in_default));
  CHECK(permitted("public:*:*", "r").to(reading, in_default));
  CHECK_FALSE(permitted(":*:*", "r").to(reading, orders));
}

TEST_CASE("a colon in a group or a name gives nobody more than was said", "[access]") {
  CHECK_FALSE(permitted("dev:a:*", "r").to(reading, {"dev", "a:b", "config/x"}));
  CHECK(permitted("dev:a:b:*", "r").to(reading, {"dev", "a:b", "config/x"}));
  CHECK(permitted("dev:a:config/x:y", "r").to(reading, {"dev", "a", "config/x:y"}));
}

TEST_CASE("all of something needs a permission for all of it", "[access]") {
  const resource every_group{"dev", "*", "config/*"};
  CHECK(permitted("dev:*:*", "r").to(reading, every_group));
  CHECK_FALSE(permitted("dev:a:*", "r").to(reading, every_group));
}

TEST_CASE("an administrator may do everything, a stranger nothing", "[access]") {
  account_table table;
  CHECK_FALSE(table.has_administrator());
  table.role_bound("nacos", "ROLE_ADMIN");
  CHECK(table.has_administrator());
  CHECK(table.permits("nacos", orders, writing));
  CHECK_FALSE(table.permits("ann", orders, reading));
}

TEST_CASE("what is told anew counts when it is complete, and replaces what was known", "[access]") {
  account_table table;
  CHECK_FALSE(table.is_loaded());
  table.begin();
  table.user_put("ann", {"hash", raft::log_index{3}});
  CHECK_FALSE(table.find("ann"));
  table.loaded();
  CHECK(table.is_loaded());
  REQUIRE(table.find("ann"));
  CHECK(table.find("ann")->revision == 3);
  table.begin();
  table.user_put("bob", {"hash", raft::log_index{4}});
  CHECK(table.find("ann"));  // a request in between finds a user who may be there
  table.loaded();
  CHECK_FALSE(table.find("ann"));
  CHECK(table.find("bob"));
}

TEST_CASE("what is taken away no longer counts", "[access]") {
  permitted p("dev:*:*", "rw");
  p.table.permission_erased({"dev", "dev:*:*", "rw"});
  CHECK_FALSE(p.to(reading, orders));
  CHECK(p.table.permissions().empty());
  p.table.role_unbound("ann", "dev");
  CHECK(p.table.roles().empty());
}
