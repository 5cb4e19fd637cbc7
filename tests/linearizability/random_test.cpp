// Random histories: what a register produced is accepted, and refused after one lie; on small ones
// the checker agrees with trying every order; on large ones it is fast.
#include <catch2/catch.hpp>
#include <ctime>
#include <functional>
#include <random>
#include <set>

#include "tests/linearizability/checker.hpp"
#include "tests/linearizability/random_history.hpp"

using namespace troupe::linearizability;

namespace {

random_options with_seed(std::uint64_t seed) {
  random_options o;
  o.seed = seed;
  return o;
}

bool is_reported_write(const operation& op) {
  return op.kind != op_kind::get && op.result == outcome::ok && op.version.has_value();
}

bool is_valued(const operation& op) {
  return is_reported_write(op) && op.kind != op_kind::remove;
}

void see(operation& get, const operation& write) {
  get.observed = write.value;
  get.version = write.version;
}

using pair_lie = std::function<bool(operation&, operation&)>;

// Tells the lie about the first pair of operations, in a random order, that it can be told about.
bool lie(history& operations, std::mt19937_64& chance, const pair_lie& tell) {
  std::shuffle(operations.begin(), operations.end(), chance);
  for (operation& a : operations) {
    for (operation& b : operations) {
      if (&a != &b && tell(a, b)) {
        return true;
      }
    }
  }
  return false;
}

void refuse_after(const pair_lie& tell, random_options options) {
  int told = 0;
  int readable = 0;
  for (options.seed = 1; options.seed <= 40; ++options.seed) {
    options.operations = 200;
    history operations = random_history(options);
    REQUIRE(check(operations).result == conclusion::linearizable);
    std::mt19937_64 chance(options.seed);
    if (!lie(operations, chance, tell)) {
      continue;
    }
    ++told;
    const verdict v = check(operations);
    INFO("seed " << options.seed << ": " << describe(v));
    CHECK(v.result == conclusion::not_linearizable);
    CHECK_FALSE(v.window.empty());
    readable += v.window.size() <= 5 ? 1 : 0;
  }
  CHECK(told > 20);
  // Some lies come to light only through a long chain of concurrent operations.
  CHECK(readable * 10 >= told * 9);
}

}  // namespace

TEST_CASE("what a register produced is accepted") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    random_options o = with_seed(seed);
    o.clients = 1 + static_cast<int>(seed % 16);
    o.unknown_percent = static_cast<int>(seed % 5) * 4;
    o.remove_percent = static_cast<int>(seed % 3) * 10;
    const verdict v = check(random_history(o));
    INFO("seed " << seed << ": " << describe(v));
    CHECK(v.result == conclusion::linearizable);
  }
}

TEST_CASE("what a register produced is accepted when few versions are reported") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    random_options o = with_seed(seed);
    o.clients = 6;
    o.operations = 300;
    o.unreported_version_percent = 30 + static_cast<int>(seed % 3) * 30;
    const verdict v = check(random_history(o));
    INFO("seed " << seed << ": " << describe(v));
    CHECK(v.result == conclusion::linearizable);
  }
}

TEST_CASE("a random history is refused after a stale read") {
  // b overwrote some older value a before the get began; the get is told to have seen a.
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    history operations = random_history(with_seed(seed));
    std::mt19937_64 chance(seed);
    const bool told = lie(operations, chance, [&](operation& get, operation& newer) {
      if (get.kind != op_kind::get || !is_reported_write(newer) || newer.end_ns >= get.start_ns) {
        return false;
      }
      const auto older = std::find_if(operations.begin(), operations.end(), [&](const auto& op) {
        return is_valued(op) && *op.version < *newer.version;
      });
      if (older == operations.end()) {
        return false;
      }
      see(get, *older);
      return true;
    });
    REQUIRE(told);
    const verdict v = check(operations);
    INFO("seed " << seed << ": " << describe(v));
    CHECK(v.result == conclusion::not_linearizable);
    CHECK(v.window.size() <= 10);
  }
}

TEST_CASE("a random history is refused after a lost acknowledged write") {
  random_options o;
  o.remove_percent = 0;
  refuse_after(
      [](operation& get, operation& put) {
        if (get.kind != op_kind::get || !is_valued(put) || put.end_ns >= get.start_ns) {
          return false;
        }
        get.observed.reset();
        get.version.reset();
        return true;
      },
      o);
}

TEST_CASE("a random history is refused after a read from the future") {
  refuse_after(
      [](operation& get, operation& put) {
        if (get.kind != op_kind::get || !is_valued(put) || get.end_ns >= put.start_ns) {
          return false;
        }
        see(get, put);
        return true;
      },
      {});
}

TEST_CASE("a random history is refused after two versions changed places") {
  refuse_after(
      [](operation& first, operation& second) {
        if (!is_reported_write(first) || !is_reported_write(second) ||
            first.end_ns >= second.start_ns) {
          return false;
        }
        std::swap(first.version, second.version);
        return true;
      },
      {});
}

TEST_CASE("a random history is refused after a cas succeeded on a stale version") {
  refuse_after(
      [](operation& cas, operation& newer) {
        if (cas.kind != op_kind::cas || !is_reported_write(cas) || !is_reported_write(newer) ||
            newer.end_ns >= cas.start_ns || *newer.version < 2) {
          return false;
        }
        cas.expected = *newer.version - 1;
        return true;
      },
      {});
}

TEST_CASE("a random history is refused after a deleted value came back") {
  random_options o;
  o.remove_percent = 20;
  refuse_after(
      [last = operation()](operation& a, operation& b) mutable {
        if (is_valued(a)) {
          last = a;
        }
        if (a.kind != op_kind::get || b.kind != op_kind::remove || !is_reported_write(b) ||
            !last.version || *last.version > *b.version || b.end_ns >= a.start_ns) {
          return false;
        }
        see(a, last);
        return true;
      },
      o);
}

namespace {

// ---- every order, tried one by one ----------------------------------------------------------
// Written from the rules of the register alone: values stand as they are, and an unreported version
// is tried with every number that could matter.
class every_order {
 public:
  explicit every_order(const history& operations) : operations_(operations) {
    for (const operation& op : operations) {
      for (const auto& v : {op.version, op.expected}) {
        if (v) {
          versions_.insert(*v);
        }
      }
    }
  }

  bool is_linearizable() { return try_next({}, 0, std::nullopt, 0, 0); }

 private:
  using content = std::optional<std::string>;

  bool try_next(std::set<std::size_t> done, std::size_t definite, const content& value,
                std::uint64_t version, std::uint64_t last) {
    const auto all = std::count_if(operations_.begin(), operations_.end(),
                                   [](const auto& op) { return op.result != outcome::unknown; });
    if (definite == static_cast<std::size_t>(all)) {
      return true;
    }
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      if (done.count(i) != 0 || !may_be_next(i, done)) {
        continue;
      }
      auto with = done;
      with.insert(i);
      const operation& op = operations_[i];
      const std::size_t counted = definite + (op.result != outcome::unknown ? 1 : 0);
      if (op.kind == op_kind::get || op.result == outcome::failed) {
        if (reads(op, value, version) && try_next(with, counted, value, version, last)) {
          return true;
        }
        continue;
      }
      if (op.kind == op_kind::cas && !(op.expected ? value && version == *op.expected : !value)) {
        continue;
      }
      const content after = op.kind == op_kind::remove ? content() : content(op.value);
      for (const std::uint64_t v : versions_of(op, last)) {
        if (try_next(with, counted, after, v, v)) {
          return true;
        }
      }
    }
    return false;
  }

  bool may_be_next(std::size_t i, const std::set<std::size_t>& done) const {
    for (std::size_t j = 0; j < operations_.size(); ++j) {
      if (done.count(j) == 0 && operations_[j].result != outcome::unknown &&
          operations_[j].end_ns < operations_[i].start_ns) {
        return false;
      }
    }
    return true;
  }

  static bool reads(const operation& op, const content& value, std::uint64_t version) {
    if (op.kind == op_kind::get) {
      return value == op.observed && (!op.version || !value || version == *op.version);
    }
    const bool met = op.expected ? value && version == *op.expected : !value;
    return !met && (!op.version || (value && version == *op.version));
  }

  std::vector<std::uint64_t> versions_of(const operation& op, std::uint64_t last) const {
    if (op.result == outcome::ok && op.version) {
      return *op.version > last ? std::vector{*op.version} : std::vector<std::uint64_t>();
    }
    std::vector<std::uint64_t> possible = {last + 1};  // one that nobody mentions
    possible.insert(possible.end(), versions_.upper_bound(last), versions_.end());
    return possible;
  }

  const history& operations_;
  std::set<std::uint64_t> versions_;
};

// Any few operations at all. Versions are multiples of ten, so that there is room between them.
history any_history(std::mt19937_64& chance) {
  history operations(2 + chance() % 5);
  int values = 0;
  const auto some_version = [&]() -> std::optional<std::uint64_t> {
    return chance() % 4 == 0 ? std::nullopt : std::optional(10 + 10 * (chance() % 4));
  };
  const std::uint64_t longest = 1 + chance() % 12;
  for (operation& op : operations) {
    op.kind = static_cast<op_kind>(chance() % 4);
    op.start_ns = static_cast<std::int64_t>(chance() % 16);
    op.end_ns = op.start_ns + 1 + static_cast<std::int64_t>(chance() % longest);
    op.version = some_version();
    if (op.kind == op_kind::put || op.kind == op_kind::cas) {
      op.value = std::string(1, static_cast<char>('a' + values++));
    }
    if (op.kind == op_kind::cas) {
      op.expected = some_version();
      op.result = chance() % 3 == 0 ? outcome::failed : outcome::ok;
    }
    if (op.kind != op_kind::get && op.result == outcome::ok && chance() % 3 == 0) {
      op.result = outcome::unknown;
      op.version.reset();
      op.end_ns = never_ns;
    }
  }
  for (operation& op : operations) {
    if (op.kind == op_kind::get && chance() % 4 != 0 && values > 0) {
      op.observed = std::string(1, static_cast<char>('a' + chance() % values));
      for (const operation& write : operations) {
        if (write.kind != op_kind::get && write.value == *op.observed && chance() % 8 != 0) {
          op.version = write.version ? write.version : op.version;
        }
      }
    }
    op.version = op.kind == op_kind::get && !op.observed ? std::nullopt : op.version;
  }
  return operations;
}

}  // namespace

TEST_CASE("on small histories the checker agrees with trying every order") {
  std::mt19937_64 chance(7);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 30'000; ++round) {
    const history operations = any_history(chance);
    const bool expected = every_order(operations).is_linearizable();
    const verdict v = check(operations);
    (expected ? accepted : refused) += 1;
    if ((v.result == conclusion::linearizable) != expected || v.result == conclusion::malformed) {
      std::string text;
      for (const operation& op : operations) {
        text += describe(op) + '\n';
      }
      FAIL("round " << round << ": every order says " << expected << "\n" << text << describe(v));
    }
  }
  CHECK(accepted > 5'000);
  CHECK(refused > 5'000);
}

TEST_CASE("fifty thousand operations of sixteen clients on a key take less than two seconds") {
  random_options o;
  o.operations = 50'000;
  history operations = random_history(o);
  // Processor time: what else the machine does is no concern of this test.
  const std::clock_t started = std::clock();
  CHECK(check(operations).result == conclusion::linearizable);
  // And once more with a lie in the middle, window included.
  for (operation& get : operations) {
    if (get.kind == op_kind::get && get.observed && get.start_ns > 2'000'000) {
      get.observed = "v1";
      get.version.reset();
      break;
    }
  }
  const verdict v = check(operations);
  CHECK(v.result == conclusion::not_linearizable);
  CHECK(v.window.size() <= 4);
#ifdef NDEBUG
  CHECK(static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC < 2.0);
#else
  static_cast<void>(started);
#endif
}
