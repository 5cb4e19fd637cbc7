// What one instance's probes add up to (nacos-spec C.13.3), and how often it is probed (C.13.1).
#include "naming/probe_state.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace troupe::naming;

namespace {

probe_verdict verdict_of(char letter) {
  switch (letter) {
    case '+':
      return probe_verdict::success;
    case '-':
      return probe_verdict::soft_failure;
    case 'x':
      return probe_verdict::hard_failure;
    default:
      return probe_verdict::inconclusive;
  }
}

/// Probes as letters; for each what it asks for: 'd'own, 'u'p or '.' nothing.
std::string asked(bool healthy, const std::string& probes, std::uint32_t times = 3) {
  probe_state s;
  std::string out;
  for (const char p : probes) {
    const auto wanted = s.count(verdict_of(p), healthy, times);
    out += !wanted ? '.' : *wanted ? 'u' : 'd';
  }
  return out;
}

}  // namespace

TEST_CASE("an instance flips by the table of C.13.3") {
  struct row {
    bool healthy;
    const char* probes;
    const char* asked;
  };
  const row rows[] = {
      // Three soft failures in a row, not two, not three apart.
      {true, "---", "..d"},
      {true, "--+---", ".....d"},
      {true, "-+-+-+", "......"},
      // One refusal is enough, at any time.
      {true, "x", "d"},
      {true, "+x", ".d"},
      {true, "-x", ".d"},
      // While nobody commits it, every further failure asks again.
      {true, "---x-", "..ddd"},
      {true, "xx", "dd"},
      // Three successes in a row bring it back, and go on asking.
      {false, "+++", "..u"},
      {false, "++++", "..uu"},
      {false, "++-+++", ".....u"},
      {false, "++x+++", ".....u"},
      {false, "-x-x-x", "......"},
      {true, "++++++", "......"},
      // What this node could not probe counts for nothing and interrupts nothing.
      {true, "-?-?-", "....d"},
      {false, "+?+?+", "....u"},
      {true, "??????", "......"},
  };
  for (const auto& r : rows) {
    INFO((r.healthy ? "healthy " : "unhealthy ") << r.probes);
    CHECK(asked(r.healthy, r.probes) == r.asked);
  }
}

TEST_CASE("the switch says how many it takes") {
  CHECK(asked(true, "-", 1) == "d");
  CHECK(asked(false, "+", 1) == "u");
  CHECK(asked(true, "-----", 5) == "....d");
  CHECK(asked(true, "x", 5) == "d");
}

TEST_CASE("after a committed flip the count begins anew") {
  probe_state s;
  for (int i = 0; i < 3; ++i) s.count(probe_verdict::soft_failure, true, 3);
  s.forget();
  CHECK(s.failures() == 0);
  CHECK_FALSE(s.count(probe_verdict::success, false, 3));
  CHECK_FALSE(s.count(probe_verdict::success, false, 3));
  CHECK(s.count(probe_verdict::success, false, 3) == true);
}

TEST_CASE("the pause between probes follows how fast the target answers, within its limits") {
  const pace_limits tcp{5000, 1000, 0.75};
  probe_pace p{probe_time{4000}};
  p.observe(probe_verdict::success, probe_time{200}, tcp);
  CHECK(p.pause().count() == Approx(0.75 * 4000 + 0.25 * 200));
  for (int i = 0; i < 50; ++i) p.observe(probe_verdict::success, probe_time{1}, tcp);
  CHECK(p.pause().count() == 1000);
}

TEST_CASE("a soft failure doubles what is mixed in, a hard one mixes in the longest pause") {
  const pace_limits tcp{5000, 1000, 0.75};
  probe_pace soft{probe_time{2000}};
  soft.observe(probe_verdict::soft_failure, probe_time{500}, tcp);
  CHECK(soft.pause().count() == Approx(0.75 * 2000 + 0.25 * 4000));
  probe_pace hard{probe_time{2000}};
  hard.observe(probe_verdict::hard_failure, probe_time{1}, tcp);
  CHECK(hard.pause().count() == Approx(0.75 * 2000 + 0.25 * 5000));
  for (int i = 0; i < 50; ++i) soft.observe(probe_verdict::soft_failure, probe_time{1}, tcp);
  CHECK(soft.pause().count() == 5000);
}

TEST_CASE("limits that were switched to nonsense still give a pause") {
  probe_pace p{probe_time{2000}};
  p.observe(probe_verdict::success, probe_time{1}, {100, 1000, 0});
  CHECK(p.pause().count() == 1000);
}
