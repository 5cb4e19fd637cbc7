// What accounts put into the log, onto the wire and onto disk, byte for byte; and what becomes of
// bytes that are none of it.
#include <catch2/catch.hpp>
#include <map>

#include "processors/accounts.hpp"
#include "tests/processors/applied_group.hpp"

using namespace troupe;
using namespace troupe::test;

namespace auth = processors::auth;

namespace {

using accounts_group = applied_group<processors::accounts>;

const std::string some_hash = "$2b$10$" + std::string(53, '.');

std::string hashed() {
  return "d93c" + hex(some_hash);
}

std::string user_added() {
  return auth::encode(auth::user_command{auth::verb_user_add, "u", some_hash});
}

}  // namespace

TEST_CASE("in the log: account commands, do not change") {
  CHECK(hex(user_added()) == "950101a8555345525f414444a175" + hashed());
  CHECK(hex(auth::encode(auth::user_command{auth::verb_user_remove, "u", {}})) ==
        "940101ab555345525f52454d4f5645a175");
  CHECK(hex(auth::encode(auth::role_command{auth::verb_role_add, "r", "u"})) ==
        "950101a8524f4c455f414444a172a175");
  CHECK(
      hex(auth::encode(auth::permission_command{auth::verb_permission_add, {"r", "n:*:*", "w"}})) ==
      "960101ae5045524d495353494f4e5f414444a172a56e3a2a3a2aa177");
}

TEST_CASE("on the wire: account queries and replies, do not change") {
  CHECK(hex(auth::encode(auth::list_users{"a", 5})) == "950102a9555345525f4c495354a16105");
  CHECK(hex(auth::encode(auth::write_reply{true})) == "94010301c3");
  CHECK(hex(auth::encode(auth::users_reply{{{"u", {"r"}}}, true})) ==
        "9501030291"
        "92a17591a172c3");
}

TEST_CASE("on disk: accounts, do not change") {
  accounts_group g;
  CHECK(g.apply(user_added()).success);
  CHECK(g.apply(auth::encode(auth::role_command{auth::verb_role_add, "r", "u"})).success);
  CHECK(g.apply(
             auth::encode(auth::permission_command{auth::verb_permission_add, {"r", "n:*:*", "w"}}))
            .success);
  std::map<std::string, std::string> found;
  for (const auto& [key, value] : g.keys()) found.emplace(hex(key), hex(value));
  const std::map<std::string, std::string> expected{
      {"6f", "0000000000000001"}, {"6f750072", ""},
      {"70", "0000000000000001"}, {"7072006e3a2a3a2a0077", ""},
      {"75", "0000000000000001"}, {"7575", "95010403" + hashed() + "01"},
  };
  CHECK(found == expected);
}

TEST_CASE("accounts: only what bcrypt writes passes as a password's hash") {
  CHECK(auth::is_bcrypt(some_hash));
  CHECK(auth::is_bcrypt("$2a" + some_hash.substr(3)));
  for (const auto& bad :
       {std::string("secret"), some_hash.substr(1), some_hash + ".", "$1b" + some_hash.substr(3),
        "$2b$1x$" + some_hash.substr(7), some_hash.substr(0, 59) + ":", std::string()}) {
    INFO(bad);
    CHECK_FALSE(auth::is_bcrypt(bad));
  }
}

TEST_CASE("accounts: poison entries are refused and leave no trace") {
  accounts_group g;
  CHECK(g.apply(user_added()).success);
  const auto before = g.keys();
  const auto good = auth::encode(auth::user_command{auth::verb_user_add, "v", some_hash});
  const auto permitting = [](std::string_view role, std::string_view resource,
                             std::string_view action) {
    return auth::encode(
        auth::permission_command{auth::verb_permission_add, {role, resource, action}});
  };
  std::vector<std::string> poison{
      "rubbish",
      good + "x",
      auth::encode(auth::user_command{"USER_MOVE", "v", some_hash}),
      auth::encode(auth::user_command{auth::verb_user_add, "v", "plain"}),
      auth::encode(auth::user_command{auth::verb_user_add, "", some_hash}),
      auth::encode(auth::user_command{auth::verb_user_add, std::string_view("a\0b", 3), some_hash}),
      auth::encode(auth::user_command{auth::verb_user_add, std::string(129, 'a'), some_hash}),
      auth::encode(auth::role_command{auth::verb_role_add, "r", ""}),
      permitting("r", "n:*:*", "x"),
      permitting("r", "", "r"),
      permitting("r", std::string(513, 'a'), "r"),
      auth::encode(auth::list_users{"", 1})};
  for (std::size_t cut = 0; cut < good.size(); ++cut) poison.push_back(good.substr(0, cut));
  for (const auto& p : poison) {
    INFO(hex(p.substr(0, 64)));
    const auto r = g.apply(p);
    CHECK_FALSE(r.success);
    CHECK(r.error.rfind("Account operation failed. ", 0) == 0);
  }
  CHECK(g.keys() == before);
}

TEST_CASE("accounts: every single corrupted byte is either refused or a command within limits") {
  const auto good = user_added();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int byte = 0; byte < 256; byte += 3) {
      accounts_group g;
      auto bad = good;
      bad[i] = static_cast<char>(byte);
      const auto r = g.apply(bad);
      CHECK(r.success == r.error.empty());
    }
  }
}

TEST_CASE("accounts: the same commands give the same state") {
  accounts_group one;
  accounts_group two;
  const std::string_view verbs[] = {auth::verb_user_add, auth::verb_user_update,
                                    auth::verb_user_remove, auth::verb_user_admin};
  for (unsigned i = 0; i < 500; ++i) {
    const auto user = "u" + std::to_string(i * 7 % 13);
    std::string command;
    if (i % 3 == 0) {
      command = auth::encode(
          auth::role_command{i % 2 == 0 ? auth::verb_role_add : auth::verb_role_remove, "r", user});
    } else {
      const auto verb = verbs[i % 4];
      command = auth::encode(auth::user_command{
          verb, user, verb == auth::verb_user_remove ? std::string_view() : some_hash});
    }
    CHECK(one.apply(command).error == two.apply(command).error);
  }
  CHECK(one.keys() == two.keys());
}
