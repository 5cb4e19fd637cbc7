// Accounts: users, roles, permissions; what a node is told of them.
#include "processors/accounts.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/processors/applied_group.hpp"

using namespace troupe;
using namespace troupe::test;

namespace auth = processors::auth;

namespace {

using accounts_group = applied_group<processors::accounts>;

/// 60 characters as bcrypt writes them; the last one tells passwords apart.
std::string hash(char last = 'a') {
  return "$2b$10$" + std::string(52, '.') + last;
}

struct told final : auth::account_observer {
  void begin() override {
    users.clear();
    roles.clear();
    permissions.clear();
  }
  void user_put(std::string_view user, const auth::user_record& r) override {
    users[std::string(user)] = {std::string(r.hash), r.revision.value()};
  }
  void user_erased(std::string_view user) override { users.erase(std::string(user)); }
  void role_bound(std::string_view user, std::string_view role) override {
    roles.emplace(user, role);
  }
  void role_unbound(std::string_view user, std::string_view role) override {
    roles.erase({std::string(user), std::string(role)});
  }
  void permission_put(const auth::permission& p) override { permissions.insert(text(p)); }
  void permission_erased(const auth::permission& p) override { permissions.erase(text(p)); }
  void loaded() override {}

  static std::string text(const auth::permission& p) {
    return std::string(p.role) + ' ' + std::string(p.resource) + ' ' + std::string(p.action);
  }

  std::map<std::string, std::pair<std::string, std::uint64_t>> users;
  std::set<std::pair<std::string, std::string>> roles;
  std::set<std::string> permissions;
};

struct fixture {
  std::shared_ptr<told> observer = std::make_shared<told>();
  accounts_group g{observer};

  reply user(std::string_view verb, std::string_view name, const std::string& h = hash()) {
    return g.apply(auth::encode(auth::user_command{verb, name, h}));
  }
  reply role(std::string_view verb, std::string_view name, std::string_view user_name = {}) {
    return g.apply(auth::encode(auth::role_command{verb, name, user_name}));
  }
  reply permission(std::string_view verb, std::string_view role_name,
                   std::string_view resource = "dev:*:*", std::string_view action = "rw") {
    return g.apply(auth::encode(auth::permission_command{verb, {role_name, resource, action}}));
  }
};

bool changed_by(const reply& r) {
  REQUIRE(r.error == "");
  const auto decoded = auth::decode_write_reply(r.data);
  REQUIRE(decoded);
  return decoded->changed;
}

}  // namespace

TEST_CASE_METHOD(fixture, "accounts: a user exists from the addition to the removal") {
  CHECK(changed_by(user(auth::verb_user_add, "ann")));
  CHECK(observer->users.at("ann") == std::pair<std::string, std::uint64_t>(hash(), 1));
  CHECK(user(auth::verb_user_add, "ann").error == "user 'ann' already exist!");
  CHECK(changed_by(user(auth::verb_user_remove, "ann")));
  CHECK_FALSE(changed_by(user(auth::verb_user_remove, "ann")));
  CHECK(observer->users.empty());
}

TEST_CASE_METHOD(fixture, "accounts: a new password raises the revision, which ends older tokens") {
  CHECK(changed_by(user(auth::verb_user_add, "ann")));
  CHECK(changed_by(user(auth::verb_user_update, "ann", hash('b'))));
  CHECK(observer->users.at("ann") == std::pair<std::string, std::uint64_t>(hash('b'), 2));
  CHECK(user(auth::verb_user_update, "bob").error == "user 'bob' not exist!");
}

TEST_CASE_METHOD(fixture, "accounts: the first administrator is made once") {
  CHECK(changed_by(user(auth::verb_user_admin, "nacos")));
  CHECK(observer->roles.count({"nacos", "ROLE_ADMIN"}) == 1);
  CHECK(user(auth::verb_user_admin, "mallory").error == "have admin user cannot use it");
  CHECK(observer->users.size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "accounts: a user who exists becomes administrator with the new password") {
  CHECK(changed_by(user(auth::verb_user_add, "nacos")));
  CHECK(changed_by(user(auth::verb_user_admin, "nacos", hash('b'))));
  CHECK(observer->users.at("nacos").first == hash('b'));
}

TEST_CASE_METHOD(fixture, "accounts: nobody removes the administrator or deals in that role") {
  CHECK(changed_by(user(auth::verb_user_admin, "nacos")));
  CHECK(changed_by(user(auth::verb_user_add, "ann")));
  CHECK(user(auth::verb_user_remove, "nacos").error == "cannot delete admin: nacos");
  CHECK(role(auth::verb_role_add, "ROLE_ADMIN", "ann").error ==
        "role 'ROLE_ADMIN' is not permitted to create!");
  CHECK(role(auth::verb_role_remove, "ROLE_ADMIN").error ==
        "role 'ROLE_ADMIN' is not permitted to delete!");
  CHECK(observer->roles.size() == 1);
}

TEST_CASE_METHOD(fixture, "accounts: a role is bound to users who exist, once each") {
  CHECK(role(auth::verb_role_add, "dev", "ann").error == "user 'ann' not found!");
  CHECK(changed_by(user(auth::verb_user_add, "ann")));
  CHECK(changed_by(role(auth::verb_role_add, "dev", "ann")));
  CHECK(role(auth::verb_role_add, "dev", "ann").error ==
        "user 'ann' already bind to the role 'dev'!");
  CHECK(changed_by(role(auth::verb_role_remove, "dev", "ann")));
  CHECK_FALSE(changed_by(role(auth::verb_role_remove, "dev", "ann")));
  CHECK(observer->roles.empty());
}

TEST_CASE_METHOD(fixture, "accounts: who is removed loses the roles, and a namesake gets none") {
  CHECK(changed_by(user(auth::verb_user_add, "ann")));
  CHECK(changed_by(user(auth::verb_user_add, "anna")));
  CHECK(changed_by(role(auth::verb_role_add, "dev", "ann")));
  CHECK(changed_by(role(auth::verb_role_add, "dev", "anna")));
  CHECK(changed_by(user(auth::verb_user_remove, "ann")));
  CHECK(changed_by(user(auth::verb_user_add, "ann")));
  CHECK(g.keys().count(std::string("oann\0dev", 8)) == 0);
  CHECK(g.keys().count(std::string("oanna\0dev", 9)) == 1);
}

TEST_CASE_METHOD(fixture, "accounts: a role that is removed takes its permissions along") {
  CHECK(changed_by(user(auth::verb_user_add, "ann")));
  CHECK(changed_by(role(auth::verb_role_add, "dev", "ann")));
  CHECK(changed_by(permission(auth::verb_permission_add, "dev")));
  CHECK(changed_by(permission(auth::verb_permission_add, "devs")));
  CHECK(changed_by(role(auth::verb_role_remove, "dev")));
  CHECK_FALSE(changed_by(role(auth::verb_role_remove, "dev")));
  CHECK(observer->roles.empty());
  CHECK(observer->permissions == std::set<std::string>{"devs dev:*:* rw"});
}

TEST_CASE_METHOD(fixture, "accounts: a permission is given and taken as a whole") {
  CHECK(changed_by(permission(auth::verb_permission_add, "dev", "a:*:*", "r")));
  CHECK_FALSE(changed_by(permission(auth::verb_permission_add, "dev", "a:*:*", "r")));
  CHECK(changed_by(permission(auth::verb_permission_add, "dev", "a:*:*", "w")));
  CHECK(changed_by(permission(auth::verb_permission_remove, "dev", "a:*:*", "r")));
  CHECK_FALSE(changed_by(permission(auth::verb_permission_remove, "dev", "a:*:*", "rw")));
  CHECK(observer->permissions == std::set<std::string>{"dev a:*:* w"});
}

TEST_CASE_METHOD(fixture,
                 "accounts: a list of users goes on where its last page ended, hashes untold") {
  for (const auto* name : {"carl", "ann", "bob"}) {
    CHECK(changed_by(user(auth::verb_user_add, name)));
  }
  CHECK(changed_by(role(auth::verb_role_add, "dev", "bob")));
  CHECK(changed_by(role(auth::verb_role_add, "test", "bob")));
  const auto first = g.ask(auth::encode(auth::list_users{"", 2}));
  REQUIRE(first.success);
  CHECK(first.data.find("$2b$") == std::string::npos);
  const auto page = auth::decode_users_reply(first.data);
  REQUIRE(page);
  CHECK(page->users == std::vector<auth::user_item>{{"ann", {}}, {"bob", {"dev", "test"}}});
  CHECK(page->more);
  const auto second = g.ask(auth::encode(auth::list_users{"bob", 2}));
  const auto rest = auth::decode_users_reply(second.data);
  REQUIRE(rest);
  CHECK(rest->users == std::vector<auth::user_item>{{"carl", {}}});
  CHECK_FALSE(rest->more);
}

TEST_CASE_METHOD(fixture, "accounts: the number of users has a limit, and the administrator none") {
  std::vector<std::string> commands;
  for (std::size_t i = 0; i < auth::users_max; ++i) {
    const auto name = "u" + std::to_string(i);
    commands.push_back(auth::encode(auth::user_command{auth::verb_user_add, name, hash()}));
  }
  REQUIRE(g.apply_together(commands));
  CHECK(user(auth::verb_user_add, "more").error ==
        "Account operation failed. there are 10000 users, which is the limit");
  CHECK(changed_by(user(auth::verb_user_admin, "nacos")));
}

TEST_CASE_METHOD(fixture, "accounts: a restarted node is told everything that stands") {
  CHECK(changed_by(user(auth::verb_user_admin, "nacos")));
  CHECK(changed_by(user(auth::verb_user_add, "ann")));
  CHECK(changed_by(role(auth::verb_role_add, "dev", "ann")));
  CHECK(changed_by(permission(auth::verb_permission_add, "dev")));
  const auto users = observer->users;
  const auto roles = observer->roles;
  observer->users["gone"] = {};
  g.load();
  CHECK(observer->users == users);
  CHECK(observer->roles == roles);
  CHECK(observer->permissions == std::set<std::string>{"dev dev:*:* rw"});
}

TEST_CASE_METHOD(fixture, "accounts: a refusal is told to nobody") {
  CHECK(changed_by(user(auth::verb_user_add, "ann")));
  CHECK_FALSE(user(auth::verb_user_add, "ann", hash('b')).success);
  CHECK(observer->users.at("ann").first == hash());
}
