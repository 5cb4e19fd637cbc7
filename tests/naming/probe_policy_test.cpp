// Whether an instance is probed, where and how.
#include "naming/probe_policy.hpp"

#include <catch2/catch.hpp>

using namespace troupe::naming;
namespace told = troupe::processors::naming;

namespace {

struct one_instance {
  service s;
  host h;
  probe_switches switches;

  one_instance() {
    s.key = {"public", "g", "orders"};
    h.ip = "10.0.0.1";
    h.port = 8080;
    h.cluster = "DEFAULT";
  }
  void set(told::cluster_settings c) {
    auto all = std::make_shared<told::service_settings>();
    all->clusters["DEFAULT"] = std::move(c);
    s.settings = std::move(all);
  }
  [[nodiscard]] std::string target() const {
    const auto t = target_of(s, h, switches);
    return t ? t->label() : "none";
  }
};

told::cluster_settings with_checker(const std::string& type) {
  told::cluster_settings c;
  c.checker.type = type;
  return c;
}

}  // namespace

TEST_CASE("without settings an instance is probed by TCP at its own port") {
  one_instance i;
  CHECK(i.target() == "TCP 10.0.0.1:8080");
  i.h.ip = "fd00::1";
  CHECK(i.target() == "TCP [fd00::1]:8080");
  i.h.port = 0;
  CHECK(i.target() == "none");
}

TEST_CASE("settings of another cluster are not its own") {
  one_instance i;
  i.set(with_checker("NONE"));
  CHECK(i.target() == "none");
  i.h.cluster = "west";
  CHECK(i.target() == "TCP 10.0.0.1:8080");
}

TEST_CASE("a cluster may be probed at a port of its own") {
  one_instance i;
  auto c = with_checker("HTTP");
  c.use_instance_port = false;
  c.check_port = 9090;
  c.checker.path = "/health";
  i.set(c);
  CHECK(i.target() == "HTTP 10.0.0.1:9090");
  CHECK(target_of(i.s, i.h, i.switches)->checker.path == "/health");
}

TEST_CASE("what beats, what an operator switched off and what has no checker is not probed") {
  one_instance i;
  i.h.ephemeral = true;
  CHECK(i.target() == "none");
  i.h.ephemeral = false;
  i.h.enabled = false;
  CHECK(i.target() == "none");
  i.h.enabled = true;
  i.set(with_checker("NONE"));
  CHECK(i.target() == "none");
  i.set(with_checker("PIGEON"));
  CHECK(i.target() == "none");
}

TEST_CASE("with probing switched off only services of the white list are probed") {
  one_instance i;
  i.switches.enabled = false;
  CHECK(i.target() == "none");
  i.switches.white_list.insert("g@@orders");
  CHECK(i.target() == "TCP 10.0.0.1:8080");
}

TEST_CASE("targets differ by everything that makes a probe another one") {
  one_instance i;
  auto c = with_checker("HTTP");
  i.set(c);
  const auto plain = *target_of(i.s, i.h, i.switches);
  c.checker.headers = "Host:a";
  i.set(c);
  CHECK(*target_of(i.s, i.h, i.switches) != plain);
  c = with_checker("HTTP");
  c.checker.expected_code = 204;
  i.set(c);
  CHECK(*target_of(i.s, i.h, i.switches) != plain);
}

TEST_CASE("the switches of the cluster are those of the probes") {
  troupe::processors::naming::switches all;
  auto s = probe_switches_of(all);
  const probe_switches fresh;
  CHECK(s.enabled);
  CHECK(s.times == fresh.times);
  CHECK(s.tcp == fresh.tcp);
  CHECK(s.http == fresh.http);
  CHECK(s.mysql == fresh.mysql);
  all.health_check_enabled = false;
  all.check_times = 7;
  all.http_health = {4'000, 700, 0.5};
  s = probe_switches_of(all);
  CHECK_FALSE(s.enabled);
  CHECK(s.times == 7);
  CHECK(s.limits_of("HTTP") == pace_limits{4'000, 700, 0.5});
  CHECK(s.limits_of("TCP") == fresh.tcp);
}
