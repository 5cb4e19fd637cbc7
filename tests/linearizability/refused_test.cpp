// Histories that no single register could have produced: each must be refused, and the window must
// hold what is wrong and little else.
#include <catch2/catch.hpp>

#include "tests/linearizability/checker.hpp"
#include "tests/linearizability/told.hpp"

using namespace troupe::linearizability;
using namespace troupe::linearizability::told;

namespace {

void refuse(const history& operations) {
  const verdict v = check(operations);
  INFO(describe(v));
  CHECK(v.result == conclusion::not_linearizable);
  CHECK_FALSE(v.reason.empty());
  CHECK_FALSE(v.window.empty());
}

}  // namespace

TEST_CASE("a stale read is refused") {
  refuse({put({1, 2}, "a", 1), put({3, 4}, "b", 2), get({5, 6}, "a", 1)});
}

TEST_CASE("a read that goes back behind another read is refused") {
  refuse({put({1, 2}, "a", 1), put({3, 20}, "b", 2), get({4, 5}, "b", 2), get({6, 7}, "a", 1)});
  refuse({maybe_put(1, "a"), maybe_put(1, "b"), get({4, 5}, "a", none), get({6, 7}, "b", none),
          get({8, 9}, "a", none)});
}

TEST_CASE("a lost acknowledged write is refused") {
  refuse({put({1, 2}, "a", 1), get_absent({3, 4})});
  refuse({put({1, 2}, "a", 1), put({3, 4}, "b", 2), put({5, 6}, "c", 3), get({7, 8}, "b", 2)});
}

TEST_CASE("a lost update is refused: two cas on one version cannot both succeed") {
  refuse({put({1, 2}, "a", 1), cas({3, 10}, 1, "b", 2), cas({3, 10}, 1, "c", 3)});
}

TEST_CASE("two creations of the same key cannot both succeed") {
  refuse({cas({1, 10}, none, "a", 1), cas({1, 10}, none, "b", 2)});
}

TEST_CASE("a cas that took effect twice is refused") {
  refuse({put({1, 2}, "a", 1), cas({3, 4}, 1, "b", 2), put({5, 6}, "c", 3), get({7, 8}, "b", 4)});
  refuse({put({1, 2}, "a", 1), maybe_cas(3, 1, "b"), get({4, 5}, "b", 2), put({6, 7}, "c", 3),
          get({8, 9}, "b", 4)});
  refuse({put({1, 2}, "a", 1), maybe_put(3, "b"), get({4, 5}, "b", 2), put({6, 7}, "c", 3),
          get({8, 9}, "b", none)});
}

TEST_CASE("a read from the future is refused") {
  refuse({get({1, 2}, "a", 1), put({3, 4}, "a", 1)});
  refuse({get({1, 2}, "a", 1), maybe_put(3, "a")});
}

TEST_CASE("a value that nobody wrote is refused") {
  refuse({put({1, 2}, "a", 1), get({3, 4}, "b", 1)});
}

TEST_CASE("the value of a refused cas must not be seen") {
  refuse({put({1, 2}, "a", 1), refused_cas({3, 4}, 7, "b", 1), get({5, 6}, "b", 2)});
}

TEST_CASE("a version that goes back is refused") {
  refuse({put({1, 2}, "a", 5), put({3, 4}, "b", 3)});
  refuse({put({1, 2}, "a", 5), remove({3, 4}, 4)});
  refuse({put({1, 2}, "a", 5), remove({3, 4}, 6), put({5, 6}, "b", 5)});
  refuse({put({1, 2}, "a", 5), maybe_put(3, "b"), get({4, 5}, "b", 4)});
}

TEST_CASE("two writes of one version are refused") {
  refuse({put({1, 10}, "a", 5), put({1, 10}, "b", 5)});
}

TEST_CASE("one value seen with two versions is refused") {
  refuse({put({1, 2}, "a", 1), get({3, 4}, "a", 2)});
  refuse({maybe_put(1, "a"), get({3, 4}, "a", 2), get({5, 6}, "a", 3)});
}

TEST_CASE("a cas that succeeds on a stale version is refused") {
  refuse({put({1, 2}, "a", 1), put({3, 4}, "b", 2), cas({5, 6}, 1, "c", 3)});
}

TEST_CASE("a cas that succeeds on an absent key is refused") {
  refuse({cas({1, 2}, 1, "a", 2)});
  refuse({put({1, 2}, "a", 1), remove({3, 4}, 2), cas({5, 6}, 1, "b", 3)});
}

TEST_CASE("a creation that succeeds on a present key is refused") {
  refuse({put({1, 2}, "a", 1), cas({3, 4}, none, "b", 2)});
}

TEST_CASE("a cas refused although everything fits is refused") {
  refuse({put({1, 2}, "a", 1), refused_cas({3, 4}, 1, "b", none)});
  refuse({put({1, 2}, "a", 1), refused_cas({3, 4}, 1, "b", 1)});
  refuse({refused_cas({3, 4}, none, "b", none)});
}

TEST_CASE("a cas refused by a version that did not stand there is refused") {
  refuse({put({1, 2}, "a", 1), put({3, 4}, "b", 2), refused_cas({5, 6}, 7, "c", 1)});
  refuse({put({1, 2}, "a", 1), refused_cas({5, 6}, 7, "c", 3)});
}

TEST_CASE("a resurrection after a delete is refused") {
  refuse({put({1, 2}, "a", 1), remove({3, 4}, 2), get({5, 6}, "a", 1)});
  refuse({put({1, 2}, "a", 1), remove({3, 4}), get({5, 6}, "a", 1)});
  refuse({put({1, 2}, "a", 1), maybe_remove(3), get_absent({4, 5}), get({6, 7}, "a", 1)});
}

TEST_CASE("a key that vanishes without a delete is refused") {
  refuse({put({1, 2}, "a", 1), get({3, 4}, "a", 1), maybe_put(3, "b"), get_absent({5, 6})});
}

TEST_CASE("an unknown write cannot take effect before it was asked for") {
  refuse({put({1, 2}, "a", 1), refused_cas({3, 4}, 1, "x", none), maybe_put(5, "b")});
  refuse({put({1, 2}, "a", 1), get_absent({3, 4}), maybe_remove(5)});
}

TEST_CASE("an unknown cas takes effect only on the version that it expected") {
  refuse({put({1, 2}, "a", 1), put({3, 4}, "b", 2), maybe_cas(5, 1, "c"), get({6, 7}, "c", 3)});
  refuse({put({1, 2}, "a", 1), put({3, 4}, "b", 2), maybe_cas(5, 1, "c"),
          refused_cas({6, 7}, 2, "d", none)});
}

TEST_CASE("an unknown write takes effect once") {
  refuse({put({1, 2}, "a", 1), maybe_remove(3), get_absent({4, 5}), put({6, 7}, "b", 4),
          get_absent({8, 9})});
}

TEST_CASE("histories that break their own rules are told apart from refused ones") {
  CHECK(check({put({1, 2}, "a", 1), put({3, 4}, "a", 2)}).result == conclusion::malformed);
  CHECK(check({put({2, 1}, "a", 1)}).result == conclusion::malformed);
  operation endless = put({1, 2}, "a", 1);
  endless.end_ns = never_ns;
  CHECK(check({endless}).result == conclusion::malformed);
}

TEST_CASE("the window holds what is wrong and leaves the rest out") {
  history operations;
  for (std::int64_t i = 0; i < 500; ++i) {
    const auto version = static_cast<std::uint64_t>(10 * i + 10);
    const std::string value = "v" + std::to_string(i);
    operations.push_back(put({100 * i, 100 * i + 10}, value, version));
    operations.push_back(get({100 * i + 20, 100 * i + 30}, value, version));
  }
  operations.push_back(get({30'040, 30'050}, "v299", 3'000));  // v300 was put and read before
  const verdict v = check(operations);
  CHECK(v.result == conclusion::not_linearizable);
  REQUIRE(v.window.size() == 2);
  CHECK(v.window[0].value + v.window[0].observed.value_or("") == "v300");
  CHECK(v.window[1].observed == "v299");
  CHECK(describe(v).find("saw \"v299\" of version 3000") != std::string::npos);
}
