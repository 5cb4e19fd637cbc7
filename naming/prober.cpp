#include "naming/prober.hpp"

#include <string_view>

namespace troupe::naming {

std::string probe_target::label() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return checker.type + ' ' + (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::size_t probe_target_hash::operator()(const probe_target& t) const {
  std::size_t mixed = t.port;
  const auto mix = [&](std::string_view text) {
    // As boost::hash_combine spreads it.
    mixed ^=
        std::hash<std::string_view>{}(text) + 0x9e3779b97f4a7c15ULL + (mixed << 6U) + (mixed >> 2U);
  };
  mix(t.host);
  mix(t.checker.type);
  mix(t.checker.path);
  mix(t.checker.command);
  return mixed;
}

}  // namespace troupe::naming
