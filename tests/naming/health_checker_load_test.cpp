// The health checker when leaders change, many are due, and parts of it fail.
#include "health_rig.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

using rig = health_rig;
constexpr auto refused = probe_verdict::hard_failure;
constexpr auto slow = probe_verdict::soft_failure;

}  // namespace

TEST_CASE("only the node that leads probes, and what it knew is gone when it leads again") {
  rig r;
  r.put("10.0.0.1");
  r.load();
  r.probes->otherwise = slow;
  r.t.pass(60s);
  CHECK(r.probes_made() == 0);

  r.lead();
  REQUIRE(r.t.pass_until([&] { return r.probes_made() == 2; }));
  r.lead(false);
  r.t.pass(60s);
  CHECK(r.probes_made() == 2);
  CHECK(r.checker->counts().instances == 0);

  r.lead();
  REQUIRE(r.t.pass_until([&] { return r.probes_made() == 4; }));
  CHECK(r.entries.empty());
  REQUIRE(r.t.pass_until([&] { return r.entries.size() == 1; }));
  CHECK(r.probes_made() == 5);
}

TEST_CASE("a node that led again before it looked has missed nothing") {
  rig r;
  r.put("10.0.0.1");
  r.load();
  r.lead();
  r.t.pass(1s);
  r.lead(false);
  r.put("10.0.0.2");
  r.lead(true);
  r.t.pass(10s);
  CHECK(r.probes->probes.contains("TCP 10.0.0.2:80"));
}

TEST_CASE("probes of an earlier leadership say nothing any more") {
  rig r;
  r.put("10.0.0.1");
  r.load();
  r.lead();
  r.probes->silent = true;
  REQUIRE(r.t.pass_until([&] { return r.probes->held.size() == 1; }));
  r.lead(false);
  r.t.run();
  r.lead();
  r.t.run();
  r.probes->silent = false;
  r.probes->answer_held(refused);
  r.t.pass(30s);
  CHECK(r.entries.empty());
  CHECK(r.is_healthy("10.0.0.1:80#false"));
}

TEST_CASE("a prober that never answers holds a place for half a minute, not for ever") {
  rig r([](auto& o) { o.probes_open_max = 1; });
  r.put("10.0.0.1");
  r.load();
  r.lead();
  r.probes->silent = true;
  REQUIRE(r.t.pass_until([&] { return r.probes->held.size() == 1; }));
  r.t.pass(29s);
  CHECK(r.probes->held.size() == 1);
  r.t.pass(8s);
  CHECK(r.probes->held.size() == 2);
  CHECK(r.entries.empty());
}

TEST_CASE("the pause between probes follows the switch of its checker") {
  rig r([](auto& o) { o.switches.tcp = {20'000, 20'000, 0}; });
  r.put("10.0.0.1");
  r.load();
  r.lead();
  REQUIRE(r.t.pass_until([&] { return r.probes_made() == 1; }));
  r.t.pass(19s);
  CHECK(r.probes_made() == 1);
  r.t.pass(2s);
  CHECK(r.probes_made() == 2);
}

TEST_CASE("no more probes are open than may be, and every target has its turn") {
  rig r([](auto& o) { o.probes_open_max = 10; });
  for (std::uint16_t port = 1; port <= 300; ++port) r.put("10.0.0.1", port);
  r.load();
  r.lead();
  r.probes->silent = true;
  std::size_t answered = 0;
  for (int i = 0; i < 2'000 && r.probes->probes.size() < 300; ++i) {
    r.t.pass(10ms);
    answered += r.probes->held.size();
    r.probes->answer_held(probe_verdict::success);
  }
  CHECK(r.probes->probes.size() == 300);
  CHECK(r.probes->open_max <= 10);
  CHECK(answered >= 300);
}

TEST_CASE("any number of instances costs a timer or two") {
  rig r;
  for (std::uint16_t port = 1; port <= 500; ++port) r.put("10.0.0.1", port);
  r.load();
  r.lead();
  for (int i = 0; i < 500; ++i) {
    r.t.pass(20ms);
    REQUIRE(r.t.timers() <= 2);
  }
  CHECK(r.probes_made() > 500);
}

TEST_CASE("ten thousand instances go down and up, leaders change, and none is ever removed") {
  rig r;
  constexpr std::size_t count = 10'000;
  for (std::size_t i = 0; i < count; ++i) {
    const service_key key{"public", "g", "service" + std::to_string(i % 50)};
    r.services->service_put(key.view(), {});
    told::instance one;
    const auto ip = "10.0." + std::to_string(i / 250) + '.' + std::to_string(i % 250);
    one.ip = ip;
    one.port = 80;
    r.services->instance_put(key.view(), one);
  }
  r.services->committed();
  r.load();
  r.lead();
  const auto all = [&](bool healthy) {
    std::size_t n = 0;
    r.services->each("public", [&](const service_ptr& s) {
      for (const auto& h : s->hosts) n += static_cast<std::size_t>(h->healthy == healthy);
      return true;
    });
    return n == count;
  };
  r.probes->otherwise = refused;
  for (int i = 0; i < 12; ++i) r.t.pass(1s);
  CHECK(all(false));
  r.lead(false);
  r.t.pass(1s);
  r.lead(true);
  r.probes->otherwise = probe_verdict::success;
  for (int i = 0; i < 30; ++i) r.t.pass(1s);
  CHECK(all(true));
  CHECK(r.services->counts().instances == count);
  CHECK(r.flips_proposed() == 2 * count);
  std::size_t largest = 0;
  for (const auto& e : r.entries) largest = std::max(largest, e.size());
  CHECK(largest <= 500);
  CHECK(r.entries.size() < 2'000);
  // Nothing is left behind but the one timer.
  r.lead(false);
  r.t.pass(1s);
  CHECK(r.t.timers() <= 1);
}

TEST_CASE("what a snapshot does not tell again is probed no more") {
  rig r;
  r.put("10.0.0.1");
  r.put("10.0.0.2");
  r.load();
  r.lead();
  REQUIRE(r.t.pass_until([&] { return r.probes_made() >= 2; }));
  r.services->instances_begin();
  r.put("10.0.0.2");
  r.services->instances_loaded();
  r.services->committed();
  r.t.run();
  const auto before = r.probes->probes["TCP 10.0.0.1:80"];
  r.t.pass(20s);
  CHECK(r.probes->probes["TCP 10.0.0.1:80"] == before);
  CHECK(r.checker->counts().instances == 1);
}

TEST_CASE("a health checker that ends is replaced and goes on") {
  // An exception ends an actor: here one from the prober.
  struct throwing_once final : prober {
    void probe(const probe_target&, std::function<void(probe_outcome)> done) override {
      if (!std::exchange(thrown, true)) throw std::runtime_error("out of memory");
      done({refused, probe_time{1}, "connection refused"});
    }
    bool thrown = false;
  };
  rig r([](auto& o) { o.probes = std::make_shared<throwing_once>(); });
  r.put("10.0.0.1");
  r.load();
  r.lead();
  CHECK(r.t.pass_until([&] { return !r.is_healthy("10.0.0.1:80#false"); }));
}
