// naming_fixture: commands of persistent instances in short words, and answers that own their
// texts.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "processors/persistent_instances.hpp"
#include "tests/processors/applied_group.hpp"

namespace troupe::test {

namespace naming = processors::naming;
using naming_group = applied_group<processors::persistent_instances>;

constexpr naming::service orders{"public", "DEFAULT_GROUP", "orders"};

/// `ip` must outlive the command, as for every text in it.
inline naming::command add(std::string_view ip, std::uint16_t port,
                           const naming::service& service = orders) {
  naming::command c;
  c.verb = naming::verb_add;
  c.service = service;
  c.instance.ip = ip;
  c.instance.port = port;
  c.stamp = {1'000, 1, raft::node_id{1}};
  return c;
}

inline naming::command flip(std::string_view ip, std::uint16_t port, bool healthy) {
  auto c = add(ip, port);
  c.verb = naming::verb_change;
  c.instance.healthy = healthy;
  return c;
}

inline naming::command removal(std::string_view ip, std::uint16_t port) {
  auto c = add(ip, port);
  c.verb = naming::verb_delete;
  return c;
}

struct host {
  std::string ip;
  std::uint16_t port = 0;
  std::string cluster;
  bool healthy = false;
  bool enabled = false;
  double weight = 0;
  std::string instance_id;
  std::map<std::string, std::string> metadata;
  std::uint64_t health_since_ms = 0;
  std::string health_reason{};
  friend bool operator==(const host&, const host&) = default;
};

struct service_state {
  bool known = false;
  std::uint64_t revision = 0;
  std::uint64_t changed_ms = 0;
  std::vector<host> hosts;
};

inline naming::write_reply write(naming_group& g, const naming::command& c) {
  const auto r = g.apply(naming::encode(c));
  REQUIRE(r.error == "");
  const auto decoded = naming::decode_write_reply(r.data);
  REQUIRE(decoded);
  return *decoded;
}

inline service_state decoded_state(const reply& r) {
  REQUIRE(r.success);
  const auto decoded = naming::decode_instances_reply(r.data);
  REQUIRE(decoded);
  service_state out{decoded->known, decoded->revision.value(), decoded->changed_ms, {}};
  for (const auto& i : decoded->instances) {
    host h{std::string(i.ip),
           i.port,
           std::string(i.cluster),
           i.healthy,
           i.enabled,
           i.weight,
           std::string(i.instance_id),
           {},
           i.health_since_ms,
           std::string(i.health_reason)};
    for (const auto& [key, value] : i.metadata) h.metadata.emplace(key, value);
    out.hosts.push_back(std::move(h));
  }
  return out;
}

inline service_state instances(const naming_group& g, const naming::service& service,
                               std::vector<std::string_view> clusters = {}) {
  return decoded_state(g.ask(naming::encode(naming::list_instances{service, clusters})));
}

inline service_state one_instance(const naming_group& g, const naming::service& service,
                                  std::string_view ip, std::uint16_t port) {
  return decoded_state(g.ask(naming::encode(naming::get_instance{service, ip, port})));
}

struct service_row {
  std::string service_group;
  std::string name;
  std::uint64_t instances = 0;
};

inline std::vector<service_row> services(const naming_group& g, std::string_view namespace_id,
                                         std::string_view service_group = {}) {
  const naming::list_services q{namespace_id, service_group, {}, {}, 1'000};
  const auto r = g.ask(naming::encode(q));
  REQUIRE(r.success);
  const auto decoded = naming::decode_services_reply(r.data);
  REQUIRE(decoded);
  std::vector<service_row> out;
  for (const auto& s : decoded->services) {
    out.push_back({std::string(s.service_group), std::string(s.name), s.instances});
  }
  return out;
}

}  // namespace troupe::test
