// Ephemeral instances: alive as long as they beat; what is laid over them; their limits.
#include "naming/ephemeral_instances.hpp"

#include <catch2/catch.hpp>

using namespace troupe::naming;
namespace told = troupe::processors::naming;

namespace {

const service_key orders{"public", "g", "orders"};

struct rig {
  std::uint64_t clock_ms = 1'000'000;
  std::shared_ptr<catalogue> shown = std::make_shared<catalogue>();
  ephemeral_instances instances;

  explicit rig(ephemeral_instances::options limits = {})
      : instances(
            shown, [this] { return clock_ms; }, limits) {}

  std::optional<ephemeral_failure> enroll(const std::string& ip, text_map metadata = {},
                                          const service_key& service = orders) {
    host h;
    h.ip = ip;
    h.port = 80;
    h.cluster = "DEFAULT";
    h.metadata = std::move(metadata);
    return instances.enroll(service, h);
  }
  beat_outcome beat(const std::string& ip) { return instances.beat(orders, ip, 80).outcome; }
  /// Seconds pass, each with its check.
  void pass(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      clock_ms += 1'000;
      instances.check();
    }
  }
  /// "10.0.0.1 healthy, 10.0.0.2 unhealthy"
  [[nodiscard]] std::string hosts() const {
    std::string out;
    const auto s = shown->find(orders);
    if (!s) return "unknown";
    for (const auto& h : s->hosts) {
      out += (out.empty() ? "" : ", ") + h->ip + (h->healthy ? " healthy" : " unhealthy");
    }
    return out;
  }
  [[nodiscard]] host only() const { return *shown->find(orders)->hosts.at(0); }
};

overlay_change weighing(double weight) {
  overlay_change c;
  c.weight = weight;
  return c;
}

overlay_change with(told::metadata_edit edit, text_map metadata) {
  overlay_change c;
  c.edit = edit;
  c.metadata = std::move(metadata);
  return c;
}

}  // namespace

TEST_CASE("an instance that does not beat turns unhealthy after 15 s and is gone after 30 s") {
  rig r;
  r.enroll("10.0.0.1");
  r.pass(14);
  CHECK(r.hosts() == "10.0.0.1 healthy");
  r.pass(1);
  CHECK(r.hosts() == "10.0.0.1 unhealthy");
  r.pass(14);
  CHECK(r.hosts() == "10.0.0.1 unhealthy");
  r.pass(1);
  CHECK(r.hosts() == "unknown");
  CHECK(r.instances.size() == 0);
}

TEST_CASE("however many are due at once, all are judged") {
  rig r;
  for (int i = 0; i < 1'500; ++i) r.enroll("h" + std::to_string(i));
  r.pass(15);
  CHECK(r.hosts().find(" healthy") == std::string::npos);
  r.pass(15);
  CHECK(r.instances.size() == 0);
}

TEST_CASE("a beat puts off both, and heals") {
  rig r;
  r.enroll("10.0.0.1");
  r.enroll("10.0.0.2");
  for (int i = 0; i < 4; ++i) {
    r.pass(10);
    CHECK(r.beat("10.0.0.1") == beat_outcome::alive);
  }
  CHECK(r.hosts() == "10.0.0.1 healthy");
  r.pass(20);
  CHECK(r.hosts() == "10.0.0.1 unhealthy");
  r.beat("10.0.0.1");
  CHECK(r.hosts() == "10.0.0.1 healthy");
}

TEST_CASE("an instance's own metadata says how long it may be silent") {
  rig r;
  r.enroll("10.0.0.1", {{"preserved.heart.beat.interval", "1000"},
                        {"preserved.heart.beat.timeout", "3000"},
                        {"preserved.ip.delete.timeout", "5000"}});
  r.enroll("10.0.0.2",
           {{"preserved.heart.beat.timeout", "9000"}, {"preserved.ip.delete.timeout", "6000"}});
  CHECK(r.instances.beat(orders, "10.0.0.1", 80).interval_ms == 1'000);
  CHECK_FALSE(r.instances.beat(orders, "10.0.0.2", 80).interval_ms);
  r.pass(3);
  CHECK(r.hosts() == "10.0.0.1 unhealthy, 10.0.0.2 healthy");
  r.pass(2);
  CHECK(r.hosts() == "10.0.0.2 healthy");
  r.pass(1);
  CHECK(r.hosts() == "unknown");
}

TEST_CASE("a timeout near the end of numbers never comes due") {
  rig r;
  const std::string most = "9223372036854775807";
  r.enroll("10.0.0.1",
           {{"preserved.heart.beat.timeout", most}, {"preserved.ip.delete.timeout", most}});
  r.pass(60);
  CHECK(r.hosts() == "10.0.0.1 healthy");
}

TEST_CASE("whom nobody registered has to register before it beats") {
  rig r;
  CHECK(r.beat("10.0.0.1") == beat_outcome::unknown);
  r.enroll("10.0.0.1");
  r.pass(30);
  CHECK(r.beat("10.0.0.1") == beat_outcome::unknown);
  CHECK(r.hosts() == "unknown");
}

TEST_CASE("registering again replaces and counts as a sign of life") {
  rig r;
  r.enroll("10.0.0.1");
  r.pass(20);
  r.enroll("10.0.0.1", {{"a", "1"}});
  CHECK(r.hosts() == "10.0.0.1 healthy");
  CHECK(r.only().metadata == text_map{{"a", "1"}});
  r.pass(14);
  CHECK(r.hosts() == "10.0.0.1 healthy");
  CHECK(r.instances.size() == 1);
}

TEST_CASE("a deregistration removes at once, and says whether there was anything") {
  rig r;
  CHECK_FALSE(r.instances.withdraw(orders, "10.0.0.1", 80));
  r.enroll("10.0.0.1");
  CHECK(r.instances.withdraw(orders, "10.0.0.1", 80));
  CHECK_FALSE(r.instances.withdraw(orders, "10.0.0.1", 80));
  CHECK(r.hosts() == "unknown");
  CHECK(r.instances.size() == 0);
}

TEST_CASE("a node that stood still does not blame the clients for it") {
  rig r;
  r.enroll("10.0.0.1");
  r.clock_ms += 60'000;
  r.instances.check();
  CHECK(r.hosts() == "10.0.0.1 healthy");
  r.pass(9);
  CHECK(r.hosts() == "10.0.0.1 healthy");
  r.pass(1);
  CHECK(r.hosts() == "10.0.0.1 unhealthy");
}

TEST_CASE("a clock that is read late does not turn time back") {
  rig r;
  r.enroll("10.0.0.1");
  r.pass(10);
  r.clock_ms -= 5'000;
  r.beat("10.0.0.1");
  r.clock_ms += 5'000;
  r.pass(14);
  CHECK(r.hosts() == "10.0.0.1 healthy");
  r.pass(1);
  CHECK(r.hosts() == "10.0.0.1 unhealthy");
}

TEST_CASE("a persistent service takes no ephemeral instance and no beats") {
  rig r;
  r.shown->service_put(orders.view(), {});
  CHECK(r.enroll("10.0.0.1") == ephemeral_failure::persistent_service);
  CHECK(r.beat("10.0.0.1") == beat_outcome::persistent_service);
  CHECK(r.instances.size() == 0);
}

TEST_CASE("instances whose service was taken over by a group are let go") {
  rig r;
  r.enroll("10.0.0.1");
  r.enroll("10.0.0.2");
  r.shown->service_put(orders.view(), {});
  CHECK(r.beat("10.0.0.1") == beat_outcome::persistent_service);
  CHECK(r.instances.size() == 1);
  r.pass(30);
  CHECK(r.instances.size() == 0);
  CHECK(r.hosts().empty());
}

TEST_CASE("a beat shows an instance again whose service was taken over for a while") {
  rig r;
  r.enroll("10.0.0.1");
  r.shown->service_put(orders.view(), {});
  r.shown->service_erased(orders.view());
  CHECK(r.hosts() == "unknown");
  CHECK(r.beat("10.0.0.1") == beat_outcome::alive);
  CHECK(r.hosts() == "10.0.0.1 healthy");
}

TEST_CASE("what is laid over an instance begins with what it was registered with") {
  rig r;
  host h;
  h.ip = "10.0.0.1";
  h.port = 80;
  h.cluster = "DEFAULT";
  h.weight = 7;
  h.enabled = false;
  h.metadata = {{"a", "1"}};
  r.instances.enroll(orders, h);
  auto c = with(told::metadata_edit::merge, {{"b", "2"}});
  CHECK_FALSE(r.instances.lay_over(orders, "10.0.0.1", 80, "DEFAULT", c));
  CHECK(r.only().weight == 7);
  CHECK_FALSE(r.only().enabled);
  CHECK(r.only().metadata == text_map{{"a", "1"}, {"b", "2"}});
  CHECK(r.only().has_overlay);
  c = with(told::metadata_edit::replace, {{"c", "3"}});
  r.instances.lay_over(orders, "10.0.0.1", 80, "DEFAULT", c);
  CHECK(r.only().metadata == text_map{{"a", "1"}, {"c", "3"}});
  c = with(told::metadata_edit::remove, {{"a", ""}, {"c", ""}});
  r.instances.lay_over(orders, "10.0.0.1", 80, "DEFAULT", c);
  CHECK(r.only().metadata == text_map{{"a", "1"}});
  CHECK_FALSE(r.only().has_overlay);
}

TEST_CASE("an overlay outlives a restart of its application, for a minute") {
  rig r;
  r.enroll("10.0.0.1");
  r.instances.lay_over(orders, "10.0.0.1", 80, "DEFAULT", weighing(3));
  r.instances.withdraw(orders, "10.0.0.1", 80);
  r.pass(59);
  r.enroll("10.0.0.1");
  CHECK(r.only().weight == 3);
  r.instances.withdraw(orders, "10.0.0.1", 80);
  r.pass(60);
  CHECK(r.instances.size() == 0);
  r.enroll("10.0.0.1");
  CHECK(r.only().weight == 1);
}

TEST_CASE("an overlay belongs to one cluster") {
  rig r;
  r.enroll("10.0.0.1");
  r.instances.lay_over(orders, "10.0.0.1", 80, "DEFAULT", weighing(3));
  CHECK(r.instances.lay_over(orders, "10.0.0.1", 80, "west", weighing(3)) ==
        ephemeral_failure::unknown_instance);
  host h;
  h.ip = "10.0.0.1";
  h.port = 80;
  h.cluster = "west";
  r.instances.enroll(orders, h);
  CHECK(r.only().weight == 1);
}

TEST_CASE("an overlay may change how long an instance may be silent") {
  rig r;
  r.enroll("10.0.0.1");
  const auto c = with(told::metadata_edit::merge, {{"preserved.heart.beat.timeout", "3000"}});
  r.instances.lay_over(orders, "10.0.0.1", 80, "DEFAULT", c);
  r.pass(3);
  CHECK(r.hosts() == "10.0.0.1 unhealthy");
}

TEST_CASE("overlays do not grow without bound") {
  rig r;
  r.enroll("10.0.0.1");
  auto c = with(told::metadata_edit::merge, {{"k", std::string(told::metadata_bytes_max, 'x')}});
  CHECK(r.instances.lay_over(orders, "10.0.0.1", 80, "DEFAULT", c) ==
        ephemeral_failure::too_much_metadata);
  c.metadata = {{"k", std::string(told::metadata_bytes_max - 1, 'x')}};
  CHECK_FALSE(r.instances.lay_over(orders, "10.0.0.1", 80, "DEFAULT", c));
}

TEST_CASE("a node holds so many ephemeral instances and not one more") {
  ephemeral_instances::options limits;
  limits.instances_max = 2;
  rig r(limits);
  CHECK_FALSE(r.enroll("10.0.0.1"));
  CHECK_FALSE(r.enroll("10.0.0.2"));
  CHECK(r.enroll("10.0.0.3") == ephemeral_failure::too_many_on_node);
  CHECK_FALSE(r.enroll("10.0.0.1", {{"a", "1"}}));
  r.instances.withdraw(orders, "10.0.0.1", 80);
  CHECK_FALSE(r.enroll("10.0.0.3"));
}

TEST_CASE("a service holds so many ephemeral instances and not one more") {
  rig r;
  for (std::size_t i = 0; i < told::instances_per_service_max; ++i) {
    REQUIRE_FALSE(r.enroll("h" + std::to_string(i)));
  }
  CHECK(r.enroll("more") == ephemeral_failure::too_many_in_service);
  CHECK(r.instances.size() == told::instances_per_service_max);
  CHECK_FALSE(r.enroll("more", {}, {"public", "g", "other"}));
}
