#include "naming/push_agent.hpp"

#include <charconv>
#include <utility>

namespace troupe::naming {

namespace {

constexpr std::pair<std::string_view, agent_kind> agents[] = {
    {"Nacos-Java-Client", agent_kind::java},
    {"Nacos-Go-Client", agent_kind::go},
    {"Nacos-C-Client", agent_kind::c},
    {"vip-client4cpp", agent_kind::c},
    // The C++ client of today: Nacos itself does not know it, though it listens (D.2, I.1).
    {"Nacos-CPP-Client", agent_kind::cpp},
    {"Nacos-DNS", agent_kind::dns},
    {"Nacos-CSharp-Client", agent_kind::csharp},
};

/// UDP over IPv4: 65535 without the two headers.
constexpr std::size_t udp_bytes_max = 65'507;
/// The Go client reads into 4024 bytes.
constexpr std::size_t go_bytes_max = 4'000;

}  // namespace

agent_version parse_version(std::string_view text) {
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  agent_version out;
  for (auto* part : {&out.major, &out.minor, &out.patch}) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), *part);
    if (failed != std::errc{}) break;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.starts_with('.')) break;
    text.remove_prefix(1);
  }
  return out;
}

std::optional<push_agent> parse_agent(std::string_view text) {
  for (const auto& [name, kind] : agents) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    if (text.empty()) return push_agent{kind, {}};
    if (!text.starts_with(':')) return std::nullopt;
    return push_agent{kind, parse_version(text.substr(1))};
  }
  return std::nullopt;
}

push_switches push_switches_of(const processors::naming::switches& all) {
  push_switches out;
  out.enabled = all.push_enabled;
  const std::pair<const char*, agent_version*> kinds[] = {{"java", &out.java},
                                                          {"go", &out.go},
                                                          {"python", &out.python},
                                                          {"c", &out.c},
                                                          {"csharp", &out.csharp}};
  for (const auto& [name, version] : kinds) {
    const auto set = all.push_versions.find(name);
    if (set != all.push_versions.end()) *version = parse_version(set->second);
  }
  return out;
}

bool can_push_to(const push_agent& agent, const push_switches& switches) {
  if (!switches.enabled) return false;
  switch (agent.kind) {
    case agent_kind::java:
      return agent.version >= switches.java;
    case agent_kind::go:
      return agent.version >= switches.go;
    case agent_kind::c:
      return agent.version >= switches.c;
    case agent_kind::dns:
      return agent.version >= switches.python;
    case agent_kind::csharp:
      return agent.version >= switches.csharp;
    case agent_kind::cpp:
      return true;
  }
  return false;
}

std::size_t datagram_bytes_max(agent_kind kind) {
  return kind == agent_kind::go ? go_bytes_max : udp_bytes_max;
}

}  // namespace troupe::naming
