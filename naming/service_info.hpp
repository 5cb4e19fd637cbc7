// service_info: what clients are told of a service: which of its hosts, and the JSON of lists and
// pushes, fields in Nacos's order (nacos-spec C.4.3, C.12.5, D.6). Knows nothing of who asked and
// of how the answer travels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "naming/service.hpp"

namespace troupe::naming {

struct selection {
  std::vector<host_ptr> hosts;
  /// So few are healthy that all are shown as healthy: spread over all of them the load may be
  /// borne, on the few it is not.
  bool protects = false;
};

/// Enabled hosts of `clusters` (empty: of all), all or the healthy ones. `s` may be null: nobody
/// knows the service.
selection select(const service* s, const std::vector<std::string>& clusters, bool healthy_only);

struct info_frame {
  std::string_view clusters;        ///< as asked, echoed byte for byte: npm keys its cache on it
  std::uint64_t cache_ms = 10'000;  ///< clients ask again after so long
  std::uint64_t reference_ms = 0;   ///< see catalogue::reference_time
};

/// The whole object.
std::string service_info(const service_key& key, const selection& chosen, const info_frame& frame);
/// Its hosts alone: an array.
std::string hosts_info(const service_key& key, const selection& chosen);
/// One of them; `shown_healthy` as protection asks for it.
void append_host(std::string& out, const service_key& key, const host& h, bool shown_healthy);

}  // namespace troupe::naming
