// What clients are told of a service: protection, and the JSON byte for byte.
#include "naming/service_info.hpp"

#include <catch2/catch.hpp>

#include "naming/json_text.hpp"

using namespace troupe::naming;

namespace {

host_ptr one(const std::string& ip, bool healthy, const std::string& cluster = "DEFAULT",
             bool enabled = true) {
  host h;
  h.ip = ip;
  h.port = 80;
  h.cluster = cluster;
  h.healthy = healthy;
  h.enabled = enabled;
  return std::make_shared<const host>(h);
}

service with(std::vector<host_ptr> hosts, std::optional<double> threshold = {}) {
  service s;
  s.key = {"public", "g", "orders"};
  s.hosts = std::move(hosts);
  if (threshold) {
    troupe::processors::naming::service_settings settings;
    settings.protect_threshold = *threshold;
    s.settings = std::make_shared<const troupe::processors::naming::service_settings>(settings);
  }
  return s;
}

bool protects(const service& s, bool healthy_only = false) {
  return select(&s, {}, healthy_only).protects;
}

std::string number(double d) {
  std::string out;
  append_json(out, d);
  return out;
}

}  // namespace

TEST_CASE("protection begins when no more than the threshold are healthy") {
  CHECK_FALSE(protects(with({one("a", true), one("b", false)}, 0.49)));
  CHECK(protects(with({one("a", true), one("b", false)}, 0.5)));
  CHECK(protects(with({one("a", true)}, 1)));
  CHECK(protects(with({one("a", false)}, 0)));
  CHECK(protects(with({one("a", false)}, -1)));
  CHECK_FALSE(protects(with({one("a", true), one("b", false)}, 0)));
}

TEST_CASE("there is no protection without settings, of nobody, and of healthy hosts alone") {
  CHECK_FALSE(protects(with({one("a", false)})));
  CHECK_FALSE(protects(with({}, 1)));
  CHECK_FALSE(protects(with({one("a", false, "DEFAULT", false)}, 1)));
  CHECK_FALSE(protects(with({one("a", false)}, 1), true));
  CHECK_FALSE(select(nullptr, {}, false).protects);
}

TEST_CASE("protection looks at the clusters that were asked for") {
  const auto s = with({one("a", true, "west"), one("b", false, "east")}, 0.3);
  CHECK_FALSE(select(&s, {"west"}, false).protects);
  CHECK(select(&s, {"east"}, false).protects);
  CHECK_FALSE(select(&s, {"west", "east"}, false).protects);
  CHECK(select(&s, {"west", "east"}, false).hosts.size() == 2);
}

TEST_CASE("protected hosts are all shown as healthy, and the service says so") {
  const auto s = with({one("a", true), one("b", false)}, 0.5);
  const auto text = service_info(s.key, select(&s, {}, false), {});
  CHECK(text.find(R"("healthy":false)") == std::string::npos);
  CHECK(text.find(R"("reachProtectionThreshold":true)") != std::string::npos);
}

TEST_CASE("a service is told in Nacos's words and order") {
  host h;
  h.ip = "10.0.0.1";
  h.port = 3'306;
  h.cluster = "west";
  h.healthy = false;
  h.weight = 0.5;
  h.ephemeral = true;
  h.metadata = {{"a", "say \"hi\""}, {"preserved.heart.beat.interval", "1000"}};
  const auto s = with({std::make_shared<const host>(h), one("10.0.0.2", true)});
  CHECK(
      service_info(s.key, select(&s, {}, false), {"west, none", 11'000, 1'700'000'000'000}) ==
      R"({"name":"g@@orders","groupName":"g","clusters":"west, none","cacheMillis":11000,"hosts":[)"
      R"({"instanceId":"10.0.0.1#3306#west#g@@orders","ip":"10.0.0.1","port":3306,"weight":0.5,)"
      R"("healthy":false,"enabled":true,"ephemeral":true,"clusterName":"west",)"
      R"("serviceName":"g@@orders","metadata":{"a":"say \"hi\"",)"
      R"("preserved.heart.beat.interval":"1000"},"instanceHeartBeatInterval":1000,)"
      R"("instanceHeartBeatTimeOut":15000,"ipDeleteTimeout":30000,"instanceIdGenerator":"simple"},)"
      R"({"instanceId":"10.0.0.2#80#DEFAULT#g@@orders","ip":"10.0.0.2","port":80,"weight":1.0,)"
      R"("healthy":true,"enabled":true,"ephemeral":false,"clusterName":"DEFAULT",)"
      R"("serviceName":"g@@orders","metadata":{},"instanceHeartBeatInterval":5000,)"
      R"("instanceHeartBeatTimeOut":15000,"ipDeleteTimeout":30000,"instanceIdGenerator":"simple"})"
      R"(],"lastRefTime":1700000000000,"checksum":"","allIPs":false,)"
      R"("reachProtectionThreshold":false,"valid":true})");
}

TEST_CASE("texts with anything in them are JSON") {
  std::string out;
  append_json(out, std::string_view("a\"\\\n\x01\x7f"));
  CHECK(out == "\"a\\\"\\\\\\n\\u0001\x7f\"");
  out.clear();
  append_json(out, std::string_view("\xc3\xa9"));
  CHECK(out == "\"\xc3\xa9\"");
  out.clear();
  append_json(out, std::string_view("\xff!"));
  CHECK(out == "\"\xef\xbf\xbd!\"");
}

TEST_CASE("numbers always say that they are no integers") {
  CHECK(number(1) == "1.0");
  CHECK(number(0) == "0.0");
  CHECK(number(10'000) == "10000.0");
  CHECK(number(0.1) == "0.1");
  CHECK(number(1e-7) == "1e-07");
}
