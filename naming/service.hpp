// service: one service as users see it at one moment: its hosts with what operators laid over
// them. Immutable, shared by everyone who looks. Knows nothing of groups, logs and HTTP.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "processors/naming_messages.hpp"
#include "processors/naming_records.hpp"

namespace troupe::naming {

using processors::naming::text_map;

struct service_key {
  std::string namespace_id;
  std::string service_group;
  std::string name;

  [[nodiscard]] processors::naming::service view() const {
    return {namespace_id, service_group, name};
  }
  /// "group@@name"
  [[nodiscard]] std::string grouped() const { return processors::naming::grouped_name(view()); }
  friend auto operator<=>(const service_key&, const service_key&) = default;
};

service_key key_of(const processors::naming::service& s);

/// What was registered; `weight`, `enabled` and `metadata` with the overlay of the operators.
struct host {
  std::string ip;  ///< or a host name
  std::uint16_t port = 0;
  std::string cluster;
  bool ephemeral = false;
  bool healthy = true;
  bool enabled = true;
  double weight = 1;
  std::string generated_id;  ///< empty: the simple form
  text_map metadata;
  bool has_overlay = false;
  /// When `healthy` last changed, ms since the epoch, and why; 0 and empty before it ever did.
  std::uint64_t health_since_ms = 0;
  std::string health_reason;

  /// "ip:port#false", "ip:port#true" for an ephemeral one: who publishes it.
  [[nodiscard]] std::string client() const;
  /// As clients see it: the generated one, else "ip#port#cluster#group@@name".
  [[nodiscard]] std::string instance_id(const service_key& s) const;
  /// "ip:port:cluster": what overlays are kept under.
  [[nodiscard]] std::string tag() const;
};
using host_ptr = std::shared_ptr<const host>;

struct service {
  service_key key;
  bool ephemeral = false;
  bool created_by_user = false;  ///< stays when it is empty
  std::uint64_t revision = 0;    ///< rises on this node with each change; 1 at the least
  std::uint64_t changed_ms = 0;  ///< as its group stamped it; 0 for an ephemeral one
  /// Null unless somebody set any: then protection does not apply. nacos-spec C.12.5.
  std::shared_ptr<const processors::naming::service_settings> settings;
  std::vector<host_ptr> hosts;  ///< sorted by client
  std::size_t healthy = 0;      ///< of the hosts
};
using service_ptr = std::shared_ptr<const service>;

/// The host of this address and cluster; null when there is none.
host_ptr find_host(const service& in, std::string_view ip, std::uint16_t port,
                   std::string_view cluster);

}  // namespace troupe::naming
