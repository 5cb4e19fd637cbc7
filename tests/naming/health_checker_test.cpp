// The health checker: what the probes say becomes the health that the group commits.
#include "health_rig.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

using rig = health_rig;
constexpr auto refused = probe_verdict::hard_failure;
constexpr auto slow = probe_verdict::soft_failure;

}  // namespace

TEST_CASE("a refused connection makes an instance unhealthy at the first probe, with the reason") {
  rig r;
  r.put("10.0.0.1");
  r.load();
  r.lead();
  r.probes->otherwise = refused;
  REQUIRE(r.t.pass_until([&] { return !r.is_healthy("10.0.0.1:80#false"); }, 8s));
  CHECK(r.probes->probes["TCP 10.0.0.1:80"] == 1);
  REQUIRE(r.entries.size() == 1);
  CHECK(r.entries[0][0].reason == "TCP 10.0.0.1:80: connection refused");
}

TEST_CASE("timeouts make it unhealthy at the third, and three successes healthy again") {
  rig r;
  r.put("10.0.0.1");
  r.load();
  r.lead();
  r.probes->otherwise = slow;
  REQUIRE(r.t.pass_until([&] { return !r.is_healthy("10.0.0.1:80#false"); }));
  CHECK(r.probes->probes["TCP 10.0.0.1:80"] == 3);
  r.probes->otherwise = probe_verdict::success;
  REQUIRE(r.t.pass_until([&] { return r.is_healthy("10.0.0.1:80#false"); }));
  CHECK(r.probes->probes["TCP 10.0.0.1:80"] == 6);
  r.t.pass(60s);
  CHECK(r.entries.size() == 2);
}

TEST_CASE("nothing is probed before the settings are known, and NONE never is") {
  rig r;
  r.probes->otherwise = refused;
  r.put("10.0.0.1");
  r.lead();
  r.services->instances_loaded();
  r.services->overlays_loaded();
  r.services->committed();
  r.t.pass(60s);
  CHECK(r.probes_made() == 0);
  CHECK_FALSE(r.checker->counts().active);

  r.set_checker("NONE");
  r.services->settings_loaded();
  r.services->committed();
  r.t.pass(60s);
  CHECK(r.checker->counts().active);
  CHECK(r.probes_made() == 0);
  CHECK(r.is_healthy("10.0.0.1:80#false"));

  r.set_checker("TCP");
  CHECK(r.t.pass_until([&] { return !r.is_healthy("10.0.0.1:80#false"); }, 8s));
}

TEST_CASE("settings that come last start the probes even when nobody changes a service") {
  rig r;
  r.lead();
  r.put("10.0.0.1");
  r.load();
  CHECK(r.t.pass_until([&] { return r.probes_made() > 0; }, 8s));
}

TEST_CASE("a flip that cannot be committed is asked for by the next failure, counters untouched") {
  rig r;
  r.put("10.0.0.1");
  r.load();
  r.lead();
  r.probes->otherwise = slow;
  r.commits = false;
  REQUIRE(r.t.pass_until([&] { return r.entries.size() == 1; }));
  CHECK(r.probes_made() == 3);
  REQUIRE(r.t.pass_until([&] { return r.entries.size() == 2; }));
  CHECK(r.probes_made() == 4);
  CHECK(r.is_healthy("10.0.0.1:80#false"));
  r.commits = true;
  REQUIRE(r.t.pass_until([&] { return !r.is_healthy("10.0.0.1:80#false"); }));
  CHECK(r.probes_made() == 5);
  CHECK(r.checker->counts().flips_failed == 2);
  CHECK(r.checker->counts().flips == 1);
}

TEST_CASE("while one entry is under way the next flips wait, and go together") {
  rig r;
  for (int i = 1; i <= 20; ++i) r.put("10.0.0." + std::to_string(i));
  r.load();
  r.lead();
  r.probes->otherwise = refused;
  r.answers = false;
  r.t.pass(8s);
  REQUIRE(r.entries.size() == 1);
  r.answers = true;
  (*r.unanswered)(raft::unexpected(error{error_code::outcome_unknown, "who knows", {}}));
  r.t.pass(10s);
  for (const auto& [client, healthy] : r.health()) CHECK_FALSE(healthy);
}

TEST_CASE("a flip is not proposed when the instance is as wanted already, or gone, or off") {
  rig r([](auto& o) { o.flips_collected = 500ms; });
  r.put("10.0.0.1");
  r.put("10.0.0.2");
  r.put("10.0.0.3");
  r.load();
  r.lead();
  r.probes->otherwise = refused;
  r.answers = false;
  REQUIRE(r.t.pass_until([&] { return r.probes_made() > 0; }));
  r.put("10.0.0.1", 80, false);
  r.services->instance_erased(orders.view(), "10.0.0.2:80#false");
  r.services->overlay_put(orders.view(), "10.0.0.3:80:DEFAULT", {false, 1, {}});
  r.services->committed();
  r.t.pass(60s);
  CHECK(r.entries.empty());
}

TEST_CASE("an instance that is switched off is neither probed nor revived") {
  rig r;
  r.services->overlay_put(orders.view(), "10.0.0.1:80:DEFAULT", {false, 1, {}});
  r.put("10.0.0.1", 80, false);
  r.load();
  r.lead();
  r.t.pass(60s);
  CHECK(r.probes_made() == 0);
  CHECK_FALSE(r.is_healthy("10.0.0.1:80#false"));
  r.services->overlay_erased(orders.view(), "10.0.0.1:80:DEFAULT");
  r.services->committed();
  CHECK(r.t.pass_until([&] { return r.is_healthy("10.0.0.1:80#false"); }));
}

TEST_CASE("the switches are obeyed while probing") {
  rig r;
  r.put("10.0.0.1");
  r.put("10.0.0.9", 80, true, {"public", "g", "bills"});
  r.load();
  r.lead();
  REQUIRE(r.t.pass_until([&] { return r.probes_made() > 1; }));
  probe_switches s;
  s.enabled = false;
  s.white_list.insert("g@@bills");
  s.times = 1;
  r.checker->use(s);
  r.t.run();
  const auto before = r.probes->probes["TCP 10.0.0.1:80"];
  r.probes->otherwise = slow;
  r.t.pass(20s);
  CHECK(r.probes->probes["TCP 10.0.0.1:80"] == before);
  CHECK(r.is_healthy("10.0.0.1:80#false"));
  CHECK_FALSE(r.health({"public", "g", "bills"}).at("10.0.0.9:80#false"));
  s.enabled = true;
  r.checker->use(s);
  CHECK(r.t.pass_until([&] { return !r.is_healthy("10.0.0.1:80#false"); }));
}
