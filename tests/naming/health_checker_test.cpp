// The health checker among a real catalogue, a prober that answers as it is told and a group that
// commits or does not; in virtual time.
#include "naming/health_checker.hpp"

#include <map>

#include "naming/messages.hpp"
#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::naming;
using namespace troupe::testing;
namespace told = troupe::processors::naming;

namespace {

const service_key orders{"public", "g", "orders"};

/// Answers at once, unless it is to keep silent.
class scripted_prober final : public prober {
 public:
  void probe(const probe_target& target, std::function<void(probe_outcome)> done) override {
    ++probes[target.label()];
    open_max = std::max(open_max, held.size() + 1);
    if (silent) return held.push_back(std::move(done));
    done(outcome_of(target));
  }
  void answer_held(probe_verdict v) {
    for (auto& done : std::exchange(held, {})) done({v, probe_time{1}, "late"});
  }

  std::map<std::string, probe_verdict> verdicts;  ///< by label; else `otherwise`
  probe_verdict otherwise = probe_verdict::success;
  bool silent = false;
  std::map<std::string, std::size_t> probes;
  std::vector<std::function<void(probe_outcome)>> held;
  std::size_t open_max = 0;

 private:
  [[nodiscard]] probe_outcome outcome_of(const probe_target& target) const {
    const auto found = verdicts.find(target.label());
    const auto v = found == verdicts.end() ? otherwise : found->second;
    return {v, probe_time{1}, v == probe_verdict::success ? "" : "connection refused"};
  }
};

struct rig {
  test_system t{[](caf::actor_system_config& c) {
    c.add_message_types<caf::id_block::troupe_groups>();
    c.add_message_types<caf::id_block::troupe_naming>();
  }};
  std::shared_ptr<catalogue> services = std::make_shared<catalogue>();
  std::shared_ptr<scripted_prober> probes = std::make_shared<scripted_prober>();
  std::vector<std::vector<health_flip>> entries;  ///< as they were proposed
  bool commits = true;
  std::optional<completion> unanswered;  ///< of the last one, while `answers` is false
  bool answers = true;
  std::optional<health_checker> checker;

  explicit rig(const std::function<void(health_checker_options&)>& change = {}) {
    health_checker_options o;
    o.services = services;
    o.probes = probes;
    o.propose = [this](const auto& flips, completion done) { propose(flips, std::move(done)); };
    if (change) change(o);
    checker.emplace(*t.system, o);
    services->instances_begin();
    services->settings_begin();
    services->overlays_begin();
  }
  ~rig() { checker->stop(); }

  /// What was put before is all there is.
  void load() {
    services->instances_loaded();
    services->settings_loaded();
    services->overlays_loaded();
    services->committed();
  }
  void lead(bool leads = true) { services->leading(leads); }
  void put(const std::string& ip, std::uint16_t port = 80, bool healthy = true,
           const service_key& key = orders) {
    services->service_put(key.view(), {});
    told::instance i;
    i.ip = ip;
    i.port = port;
    i.healthy = healthy;
    services->instance_put(key.view(), i);
    services->committed();
  }
  void set_checker(const std::string& type) {
    told::service_settings s;
    s.clusters["DEFAULT"].checker.type = type;
    services->settings_put(orders.view(), s);
    services->committed();
  }
  [[nodiscard]] std::map<std::string, bool> health(const service_key& key = orders) const {
    std::map<std::string, bool> out;
    if (const auto s = services->find(key)) {
      for (const auto& h : s->hosts) out[h->client()] = h->healthy;
    }
    return out;
  }
  [[nodiscard]] bool is_healthy(const std::string& client) const { return health().at(client); }
  [[nodiscard]] std::size_t probes_made() const {
    std::size_t n = 0;
    for (const auto& [label, times] : probes->probes) n += times;
    return n;
  }
  [[nodiscard]] std::size_t flips_proposed() const {
    std::size_t n = 0;
    for (const auto& e : entries) n += e.size();
    return n;
  }

 private:
  void propose(const std::vector<health_flip>& flips, completion done) {
    entries.push_back(flips);
    if (!answers) {
      unanswered = std::move(done);
      return;
    }
    if (!commits) return done(raft::unexpected(error{error_code::no_leader, "no leader", {}}));
    for (const auto& f : flips) {
      told::instance i;
      i.ip = f.ip;
      i.port = f.port;
      i.healthy = f.healthy;
      services->instance_put(f.service.view(), i);
    }
    services->committed();
    done(response{});
  }
};

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
