// What is measured of proposals on their way, and of writes to the log.
#include "groups/proposal_times.hpp"

#include <numeric>

#include "group_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

std::uint64_t count_of(const actors::latency_histogram& h) {
  const auto all = h.read().counts;
  return std::accumulate(all.begin(), all.end(), std::uint64_t{0});
}

raft::log_index at(std::uint64_t index) {
  return raft::log_index{index};
}

}  // namespace

TEST_CASE("a histogram has each bound in the bucket below it, and one for all that took longer") {
  using actors::latencies;
  actors::latency_histogram h;
  for (const auto bound : latencies::bounds) h.add(bound);
  h.add(latencies::bounds.back() + 1ns, 3);
  h.add(-1ms);
  const auto now = h.read();
  CHECK(now.counts.front() == 2);
  CHECK(now.counts.back() == 3);
  CHECK(std::all_of(now.counts.begin() + 1, now.counts.end() - 1, [](auto n) { return n == 1; }));
  std::chrono::nanoseconds sum = 3 * (latencies::bounds.back() + 1ns);
  for (const auto bound : latencies::bounds) sum += bound;
  CHECK(now.sum == sum);
}

TEST_CASE("a batch counts as many times as it has proposals, in each stage for what that took") {
  actors::write_stages stages;
  groups::proposal_times times(stages);
  const actors::clock::time_point start{1h};
  times.taken(at(3), 3, start, start + 1ms);
  times.taken(at(5), 2, start, start + 2ms);
  times.committed(at(4), start + 6ms);  // only the first
  times.applied(at(4), start + 8ms);
  CHECK(stages.replicate.read().sum == 3 * 5ms);
  CHECK(stages.apply.read().sum == 3 * 2ms);
  CHECK(stages.total.read().sum == 3 * 8ms);
  times.applied(at(5), start + 12ms);
  CHECK(stages.replicate.read().sum == 3 * 5ms + 2 * 10ms);
  CHECK(stages.apply.read().sum == 3 * 2ms);
  CHECK(stages.total.read().sum == 3 * 8ms + 2 * 12ms);
  CHECK(count_of(stages.total) == 5);
}

TEST_CASE("what was proposed in a leadership that has ended is not measured any more") {
  actors::write_stages stages;
  groups::proposal_times times(stages);
  const actors::clock::time_point start{1h};
  times.taken(at(3), 3, start, start);
  times.committed(at(3), start);
  times.taken(at(5), 2, start, start);
  times.forget();
  times.applied(at(9), start + 1h);
  CHECK(count_of(stages.replicate) == 3);
  CHECK(count_of(stages.apply) == 0);
  CHECK(count_of(stages.total) == 0);
}

TEST_CASE("a member tells how long its writes waited, were with the log, with others and applied") {
  scripted_group g;
  g.start();
  const auto term = g.lead();
  g.acknowledge(term, 1);
  auto& s = g.node.figures->stages;
  const auto logged = count_of(s.log);
  const auto log_before = s.log.read().sum;
  g.propose("x");
  g.propose("y");
  g.t.spend(2ms);
  g.t.run();
  CHECK(count_of(s.queue) == 2);
  CHECK(s.queue.read().sum == 2 * 2ms);
  g.t.spend(3ms);
  g.sync();
  CHECK(count_of(s.log) == logged + 1);
  CHECK(s.log.read().sum - log_before == 3ms);
  g.t.spend(4ms);
  CHECK(count_of(s.replicate) == 0);
  g.acknowledge(term, 3);
  CHECK(s.replicate.read().sum == 2 * 7ms);
  CHECK(count_of(s.apply) == 2);
  CHECK(s.total.read().sum == 2 * 9ms);
}
