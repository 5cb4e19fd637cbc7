// config_tenant: the many names of the default namespace in the configuration API: none, an empty
// one, "public", "null". Inside it is the empty one. nacos-spec C.8.1. Knows nothing of requests.
#pragma once

#include <string_view>

namespace troupe::http {

constexpr bool is_default_tenant(std::string_view name) {
  return name.empty() || name == "public" || name == "null";
}

constexpr std::string_view canonical_tenant(std::string_view name) {
  return is_default_tenant(name) ? std::string_view() : name;
}

}  // namespace troupe::http
