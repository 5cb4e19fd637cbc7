// address: host:port as it stands in settings.
#pragma once

#include <charconv>
#include <optional>
#include <string>

namespace troupe::groups {

struct host_port {
  std::string host;
  std::string port;
};

/// None when the text is not host:port with a port of 0 to 65535.
inline std::optional<host_port> split_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data() + colon + 1, end, port);
  if (failed != std::errc{} || stop != end) return std::nullopt;
  return host_port{text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace troupe::groups
