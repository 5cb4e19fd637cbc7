// bcrypt off the I/O threads, and what is remembered of it.
#include "http/password_hasher.hpp"

#include <catch2/catch.hpp>
#include <future>

#include "http/verified_passwords.hpp"
#include "processors/account_messages.hpp"

using namespace troupe;
using namespace troupe::http;

namespace {

const password_hasher::settings quick{1, 4, 4};

std::string hashed(password_hasher& h, const std::string& password) {
  std::promise<std::optional<std::string>> made;
  REQUIRE(h.hash(password, [&](auto hash) { made.set_value(std::move(hash)); }));
  return made.get_future().get().value_or("");
}

bool equal(password_hasher& h, const std::string& password, const std::string& hash) {
  std::promise<bool> found;
  REQUIRE(h.compare(
      password, hash, [] { return false; }, [&](bool same) { found.set_value(same); }));
  return found.get_future().get();
}

}  // namespace

TEST_CASE("a password is known by its hash, which differs each time", "[access]") {
  password_hasher h(quick);
  const auto one = hashed(h, "secret");
  const auto two = hashed(h, "secret");
  CHECK(processors::auth::is_bcrypt(one));
  CHECK(one != two);
  CHECK(equal(h, "secret", one));
  CHECK(equal(h, "secret", two));
  CHECK_FALSE(equal(h, "Secret", one));
  CHECK_FALSE(equal(h, "", one));
}

TEST_CASE("hashes that Nacos wrote are understood", "[access]") {
  password_hasher h(quick);
  CHECK(equal(h, "nacos", "$2a$10$EuWPZHzz32dJN7jexM34MOeYirDdFAZm2kuWj7VEOJhhZkDrxfvUu"));
}

TEST_CASE("a password is compared whole or not at all", "[access]") {
  password_hasher h(quick);
  const std::string longest(password_bytes_max, 'p');
  const auto hash = hashed(h, longest);
  CHECK(equal(h, longest, hash));
  CHECK_FALSE(equal(h, longest + "x", hash));
  CHECK(hashed(h, longest + "x").empty());
  CHECK(hashed(h, std::string("a\0b", 3)).empty());
}

TEST_CASE("what is no hash is equal to nothing", "[access]") {
  password_hasher h(quick);
  for (const auto* hash : {"", "*0", "secret", "$2b$10$"}) CHECK_FALSE(equal(h, "secret", hash));
}

TEST_CASE("more passwords than may wait are refused, and none behind the end", "[access]") {
  password_hasher h(quick);
  std::promise<void> release;
  std::promise<void> begun;
  const auto released = release.get_future().share();
  REQUIRE(h.compare(
      "p", "",
      [&] {
        begun.set_value();
        released.wait();
        return true;
      },
      [](bool) {}));
  begun.get_future().wait();
  std::atomic<int> answered{0};
  for (std::size_t i = 0; i < quick.waiting_max; ++i) {
    CHECK(h.compare(
        "p", "", [] { return true; }, [&](bool) { ++answered; }));
  }
  CHECK_FALSE(h.compare(
      "p", "", [] { return true; }, [&](bool) { ++answered; }));
  release.set_value();
  while (answered < static_cast<int>(quick.waiting_max)) std::this_thread::yield();
  h.stop();
  CHECK_FALSE(h.hash("p", [](const auto&) {}));
}

TEST_CASE("a right password is remembered for a while, for this user and this hash", "[access]") {
  verified_passwords known(std::chrono::seconds(60), 10);
  const auto now = verified_passwords::clock::now();
  CHECK_FALSE(known.contains("ann", "p", "h", now));
  known.insert("ann", "p", "h", now);
  CHECK(known.contains("ann", "p", "h", now + std::chrono::seconds(59)));
  CHECK_FALSE(known.contains("ann", "p", "h", now + std::chrono::seconds(60)));
  CHECK_FALSE(known.contains("ann", "q", "h", now));
  CHECK_FALSE(known.contains("bob", "p", "h", now));
  CHECK_FALSE(known.contains("ann", "p", "other", now));
  CHECK_FALSE(known.contains("an", "np", "h", now));
}

TEST_CASE("no more passwords are remembered than allowed: the oldest goes", "[access]") {
  verified_passwords known(std::chrono::seconds(60), 2);
  const auto now = verified_passwords::clock::now();
  for (const auto* user : {"a", "b", "c"}) known.insert(user, "p", "h", now);
  CHECK_FALSE(known.contains("a", "p", "h", now));
  CHECK(known.contains("b", "p", "h", now));
  CHECK(known.contains("c", "p", "h", now));
}
