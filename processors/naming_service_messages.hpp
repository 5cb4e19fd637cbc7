// naming_service_messages: commands about services as such and about the health of many instances,
// for the processor of persistent instances, which alone decides what exists (nacos-spec E.2.1).
// Structs own no texts. Knows nothing of HTTP and of how services are stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "processors/naming_messages.hpp"

namespace troupe::processors::naming {

constexpr std::size_t expired_services_max = 1'024;
constexpr std::size_t health_changes_max = 512;

/// SERVICE_ADD: makes a service that stays when it is empty; refused when there is one.
/// SERVICE_REMOVE: refused when there is none, or when it has instances.
struct service_command {
  std::string_view verb;
  naming::service service;
  naming::stamp stamp;
  friend bool operator==(const service_command&, const service_command&) = default;
};

/// SERVICE_EXPIRE: takes those of the services away that have no instances, were not created by a
/// user, and last changed before `cutoff_ms`. The others stay, without an error.
struct expire_services {
  std::uint64_t cutoff_ms = 0;
  std::vector<naming::service> services;  ///< at most expired_services_max
  naming::stamp stamp;
  friend bool operator==(const expire_services&, const expire_services&) = default;
};

struct health_change {
  naming::service service;
  std::string_view ip;
  std::uint16_t port = 0;
  std::string_view cluster;
  bool healthy = true;
  std::string_view reason;  ///< for people; at most health_reason_bytes_max
  friend bool operator==(const health_change&, const health_change&) = default;
};

/// HEALTH: sets the health of many instances at once, as when a whole host dies. Those that are
/// gone, or in another cluster by now, or already so, are passed over. nacos-spec C.13.3.
struct change_health {
  std::vector<health_change> changes;  ///< at most health_changes_max
  naming::stamp stamp;
  friend bool operator==(const change_health&, const change_health&) = default;
};

std::string encode(const service_command& c);
std::string encode(const expire_services& c);
std::string encode(const change_health& c);

// Limits are checked here. The answer to each is a write_reply; its revision is that of the service
// for SERVICE_ADD, that of the entry for the others when they changed anything.
raft::expected<service_command, codec::decode_error> decode_service_command(std::string_view bytes);
raft::expected<expire_services, codec::decode_error> decode_expire_services(std::string_view bytes);
raft::expected<change_health, codec::decode_error> decode_change_health(std::string_view bytes);

// What refusals say, word for word as Nacos does: clients and handlers compare them. C.4.5.
std::string service_exists_text(const service& s);
std::string service_not_found_text(const service& s);
std::string service_not_empty_text(const service& s);

}  // namespace troupe::processors::naming
