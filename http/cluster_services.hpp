// cluster_services: what the routes about the cluster's nodes stand on beside the groups. Knows
// nothing of who makes the parts; apps/ and the tests do.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "http/server_directory.hpp"

namespace troupe::http {

struct cluster_services {
  std::shared_ptr<server_directory> servers;  ///< never null
  std::string http_address;                   ///< host:port at which others reach this node
  std::function<std::uint64_t()> now_ms;
};

}  // namespace troupe::http
