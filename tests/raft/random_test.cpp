// Whole groups under chance. TROUPE_SEED=n plays one seed alone; TROUPE_SEEDS=n plays that many.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "simulation.hpp"

using namespace troupe::raft::testing;

namespace {

constexpr int steps_with_faults = 4000;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

void play(std::uint64_t seed, simulation& s) {
  try {
    for (int n = 0; n < steps_with_faults; ++n) {
      s.step();
    }
    s.recover();
  } catch (const std::exception& broken) {
    FAIL(broken.what() << "; replay: TROUPE_SEED=" << seed << " raft_tests [random]\n"
                       << s.describe());
  }
}

}  // namespace

TEST_CASE("figure 3: its properties hold whatever is lost, late, repeated or forgotten",
          "[random]") {
  const auto only = number_from("TROUPE_SEED", 0);
  const auto first = only == 0 ? 1 : only;
  const auto last = only == 0 ? number_from("TROUPE_SEEDS", 200) : only;
  std::uint64_t steps = 0;
  std::uint64_t handed_out = 0;
  std::uint64_t reads = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t fetches = 0;
  const auto start = std::chrono::steady_clock::now();
  for (auto seed = first; seed <= last; ++seed) {
    simulation s(seed);
    play(seed, s);
    steps += s.steps();
    handed_out += s.handed_out();
    reads += s.reads_served();
    snapshots += s.snapshots();
    fetches += s.fetches();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::cout << last - first + 1 << " seeds: " << handed_out << " entries chosen, " << reads
            << " reads, " << snapshots << " snapshots installed, " << fetches << " fetches; "
            << steps << " steps in " << took.count() << " s, "
            << static_cast<std::uint64_t>(static_cast<double>(steps) / took.count())
            << " a second\n";
  // A simulation in which nothing happens would find nothing.
  if (only == 0) {
    CHECK(handed_out > 10 * last);
    CHECK(reads > last);
    CHECK(snapshots > 0);
    CHECK(fetches > 0);
  }
}

TEST_CASE("the same seed and inputs give the same trace", "[random]") {
  for (const std::uint64_t seed : {11U, 12U, 13U}) {
    simulation a(seed);
    simulation b(seed);
    play(seed, a);
    play(seed, b);
    CHECK(a.trace() == b.trace());
  }
}
