// nacos_version: the version of Nacos whose interface is spoken here. Knows nothing of our own.
#pragma once

#include <string_view>

namespace troupe::http {

/// Tools decide by it what they may ask. nacos-spec 0.
constexpr std::string_view nacos_version = "2.5.1";

}  // namespace troupe::http
