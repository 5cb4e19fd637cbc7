// A random life of a log, with the power lost at any operation on the disk: after each restart the
// log is what was acknowledged, or that with the one write that was under way.
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "persistence/log_store.hpp"
#include "tests/persistence/fault_env.hpp"
#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::hard_state;
using raft::log_index;
using raft::term;

constexpr raft::group_id group{7};
const raft::configuration three = voters_of({1, 2, 3});

/// What a log should be, told as simply as possible.
struct model {
  hard_state hard;
  std::uint64_t snapshot = 0;
  std::uint64_t snapshot_term = 0;
  std::map<std::uint64_t, std::uint64_t> terms;  ///< index → term

  [[nodiscard]] std::uint64_t last() const {
    return terms.empty() ? snapshot : terms.rbegin()->first;
  }
  [[nodiscard]] std::uint64_t last_term() const {
    return terms.empty() ? snapshot_term : terms.rbegin()->second;
  }
  friend bool operator==(const model& a, const model& b) {
    return a.hard == b.hard && a.snapshot == b.snapshot && a.snapshot_term == b.snapshot_term &&
           a.terms == b.terms;
  }
};

model read_back(log_store& store) {
  const auto state = store.load(group, three);
  INFO((state ? std::string() : state.error().message()));
  REQUIRE(state);
  model found{state->hard, state->snapshot.index.value(), state->snapshot.term.value(), {}};
  if (state->last > state->snapshot.index) {
    const auto entries = store.read(group, next(state->snapshot.index), state->last, 1ULL << 40U);
    INFO((entries ? std::string() : entries.error().message()));
    REQUIRE(entries);
    REQUIRE(entries->back()->index == state->last);
    for (const auto& e : *entries) {
      REQUIRE(e->data == entry_of(e->index.value(), e->term.value(), e->data.size())->data);
      found.terms[e->index.value()] = e->term.value();
    }
    for (const auto& [index, start] : state->terms) {
      CHECK(found.terms.at(index.value()) == start.value());
    }
  }
  return found;
}

class random_life {
 public:
  explicit random_life(std::uint64_t seed) : chance_(seed) {}

  [[nodiscard]] std::uint64_t pick(std::uint64_t first, std::uint64_t last) {
    return std::uniform_int_distribution<std::uint64_t>(first, last)(chance_);
  }

  /// One write or compaction; `after` becomes what the log is once it is done.
  status step(log_store& store, model& after) {
    switch (pick(0, 9)) {
      case 0:
        return compact(store, after);
      case 1:
        return install(store, after);
      case 2:
        return append(store, after, pick(after.snapshot + 1, after.last() + 1));
      default:
        return append(store, after, after.last() + 1);
    }
  }

 private:
  status write(log_store& store, const raft::write& w) {
    const group_write one{group, &w};
    return store.append({&one, 1});
  }

  status append(log_store& store, model& after, std::uint64_t first) {
    after.hard = {term{after.hard.term.value() + pick(0, 1)}, raft::node_id{pick(0, 3)}};
    // A replaced tail always comes from a later term.
    after.hard.term = term{after.hard.term.value() + (first <= after.last() ? 1 : 0)};
    after.hard.term = std::max(after.hard.term, term{1});
    const std::vector<std::uint64_t> terms(pick(1, 12), after.hard.term.value());
    after.terms.erase(after.terms.lower_bound(first), after.terms.end());
    for (std::uint64_t i = 0; i < terms.size(); ++i) {
      after.terms[first + i] = terms[i];
    }
    return write(store, log_fixture::write_of(first, terms, after.hard, pick(0, 3000)));
  }

  status install(log_store& store, model& after) {
    after.hard.term = next(after.hard.term);
    after.snapshot = after.last() + pick(1, 50);
    after.snapshot_term = after.hard.term.value();
    after.terms.clear();
    raft::write w;
    w.hard = after.hard;
    w.snapshot =
        raft::install_snapshot{{log_index{after.snapshot}, term{after.snapshot_term}, three}, {}};
    return write(store, w);
  }

  status compact(log_store& store, model& after) {
    const auto point = pick(after.snapshot, after.last());
    if (point > after.snapshot) {
      after.snapshot_term = after.terms.at(point);
      after.snapshot = point;
      after.terms.erase(after.terms.begin(), after.terms.upper_bound(point));
    }
    return store.compact(group, log_index{point});
  }

  std::mt19937_64 chance_;
};

void live(std::uint64_t seed) {
  const scratch_directory scratch;
  fault_env env;
  const log_store_options options{scratch.path() + "/log", 64U << 10U, &env};
  random_life life(seed);
  model certain;
  model possible;
  for (int start = 0; start < 8; ++start) {
    auto store = log_store::open(options);
    INFO("seed " << seed << ", start " << start << ": " << (store ? "" : store.error().message()));
    REQUIRE(store);
    certain = read_back(**store) == possible ? possible : certain;
    REQUIRE(read_back(**store) == certain);
    env.freeze_after(life.pick(0, 400));
    for (int i = 0; i < 150; ++i) {
      possible = certain;
      if (!life.step(**store, possible).ok()) {
        break;
      }
      certain = possible;
    }
    env.freeze();
    store->reset();
    env.drop_unsynced({life.pick(0, 1) * life.pick(0, 5000), life.pick(0, 2) == 0 ? 9ULL : 0ULL});
    env.thaw();
  }
}

TEST_CASE("log crash: power lost at any operation leaves what was acknowledged") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    live(seed);
  }
}

}  // namespace
}  // namespace troupe::persistence
