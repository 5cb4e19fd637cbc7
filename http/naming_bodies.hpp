// naming_bodies: the JSON that Nacos clients read (nacos-spec C.4.2, C.4.3, C.4.7, D.6). Fields
// stand in Nacos's order; weights always have a decimal point. Knows nothing of groups and
// requests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"
#include "processors/naming_messages.hpp"

namespace troupe::http {

/// Clients ask again after so long.
constexpr std::uint64_t cache_ms = 10'000;

/// The answer of /instance/list: enabled hosts, all or the healthy ones. `clusters` is echoed byte
/// for byte: npm keys its cache on it.
response service_info(const processors::naming::service& service, std::string_view clusters,
                      bool healthy_only, const processors::naming::instances_reply& found);

/// The answer of GET /instance.
response instance_info(const processors::naming::service& service,
                       const processors::naming::instance& instance);

/// The answer of /catalog/instances: one page, also of unhealthy and disabled hosts.
response instance_page(const processors::naming::service& service,
                       const std::vector<processors::naming::instance>& instances,
                       std::uint64_t page_number, std::uint64_t page_size);

}  // namespace troupe::http
