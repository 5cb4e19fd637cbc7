// Histories that one register could have produced: each must be accepted.
#include <catch2/catch.hpp>

#include "tests/linearizability/checker.hpp"
#include "tests/linearizability/told.hpp"

using namespace troupe::linearizability;
using namespace troupe::linearizability::told;

namespace {

void accept(const history& operations) {
  const verdict v = check(operations);
  INFO(describe(v));
  CHECK(v.result == conclusion::linearizable);
}

}  // namespace

TEST_CASE("nothing, or one operation on an absent key, is accepted") {
  accept({});
  accept({get_absent({1, 2})});
  accept({put({1, 2}, "a", 1)});
  accept({cas({1, 2}, none, "a", 1)});
  accept({refused_cas({1, 2}, 7, "a", none)});
  accept({remove({1, 2})});
}

TEST_CASE("operations one after the other are accepted") {
  accept({get_absent({1, 2}), put({3, 4}, "a", 5), get({5, 6}, "a", 5), cas({7, 8}, 5, "b", 6),
          refused_cas({9, 10}, 5, "x", 6), get({11, 12}, "b", 6), remove({13, 14}, 9),
          get_absent({15, 16}), refused_cas({17, 18}, 6, "y", none), cas({19, 20}, none, "c", 12),
          get({21, 22}, "c", 12)});
}

TEST_CASE("concurrent writes may take effect in either order") {
  accept({put({1, 10}, "a", 5), put({1, 10}, "b", 3), get({11, 12}, "a", 5)});
  accept({put({1, 10}, "a", 3), put({1, 10}, "b", 5), get({11, 12}, "b", 5)});
}

TEST_CASE("a read during a write may see what was before or what comes") {
  accept({put({1, 2}, "a", 1), put({3, 10}, "b", 2), get({4, 5}, "a", 1), get({6, 7}, "b", 2)});
  accept({put({1, 2}, "a", 1), put({3, 10}, "b", 2), get({4, 5}, "b", 2), get({6, 7}, "b", 2)});
}

TEST_CASE("operations that touch in time are concurrent") {
  accept({put({1, 5}, "a", 1), get_absent({5, 6})});
}

TEST_CASE("a write of unknown outcome may never take effect") {
  accept({put({1, 2}, "a", 1), maybe_put(3, "b"), get({100, 101}, "a", 1)});
  accept({put({1, 2}, "a", 1), maybe_remove(3), get({100, 101}, "a", 1)});
  accept({put({1, 2}, "a", 1), maybe_cas(3, 1, "b"), get({100, 101}, "a", 1)});
}

TEST_CASE("a write of unknown outcome may take effect late") {
  accept({put({1, 2}, "a", 1), maybe_put(3, "b"), get({4, 5}, "a", 1), put({6, 7}, "c", 5),
          get({8, 9}, "c", 5), get({100, 101}, "b", 9), get({102, 103}, "b", 9)});
  accept({put({1, 2}, "a", 1), maybe_remove(3), get({4, 5}, "a", 1), get_absent({100, 101}),
          get_absent({102, 103})});
  accept({put({1, 2}, "a", 1), maybe_cas(3, 1, "b"), get({4, 5}, "a", 1), get({100, 101}, "b", 9)});
}

TEST_CASE("a write of unknown outcome that nobody read explains a refused cas") {
  accept({put({1, 2}, "a", 1), maybe_put(3, "b"), refused_cas({4, 5}, 1, "c", 8),
          put({6, 7}, "d", 9)});
  accept({put({1, 2}, "a", 1), maybe_remove(3), refused_cas({4, 5}, 1, "c", none)});
  accept({maybe_put(1, "b"), refused_cas({4, 5}, none, "c", none)});
}

TEST_CASE("a write of unknown outcome that nobody read explains a cas on its version") {
  accept({put({1, 2}, "a", 1), maybe_put(3, "b"), cas({4, 5}, 8, "c", 9), get({6, 7}, "c", 9)});
}

TEST_CASE("writes of unknown outcome may need each other") {
  accept({put({1, 2}, "a", 1), maybe_remove(3), maybe_cas(3, none, "b"), maybe_cas(3, 8, "c"),
          cas({4, 5}, 11, "d", 12), get({6, 7}, "d", 12)});
}

TEST_CASE("one delete of unknown outcome empties the key once, two do so twice") {
  const history once = {put({1, 2}, "a", 1), maybe_remove(3), get_absent({4, 5}),
                        put({6, 7}, "b", 4), get({8, 9}, "b", 4)};
  accept(once);
  history twice = once;
  twice.push_back(get_absent({10, 11}));
  CHECK(check(twice).result == conclusion::not_linearizable);
  twice.push_back(maybe_remove(3));
  accept(twice);
}

TEST_CASE("versions need not be reported") {
  accept({put({1, 2}, "a", none), get({3, 4}, "a", none), cas({5, 6}, 9, "b", none),
          get({7, 8}, "b", 12), remove({9, 10}), get_absent({11, 12})});
  accept({put({1, 10}, "a", none), put({1, 10}, "b", none), put({1, 10}, "c", none),
          get({11, 12}, "b", none)});
}

TEST_CASE("a get may tell the version of a write that did not") {
  accept({put({1, 10}, "a", none), put({1, 10}, "b", none), get({11, 12}, "a", 7),
          refused_cas({13, 14}, 3, "c", 7)});
}

TEST_CASE("deletes without versions fit between the writes that have them") {
  accept({put({1, 2}, "a", 1), remove({3, 20}), put({3, 20}, "b", 2), remove({3, 20}),
          get_absent({21, 22}), put({23, 24}, "c", 9), get({25, 26}, "c", 9)});
}
