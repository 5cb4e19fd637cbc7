// push_agent: which clients understand a push over UDP, by the name and version that they give of
// themselves. Knows nothing of addresses and services. nacos-spec C.14, C.6 (pushVersion).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "processors/switch_values.hpp"

namespace troupe::naming {

struct agent_version {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t patch = 0;
  friend auto operator<=>(const agent_version&, const agent_version&) = default;
};

/// "1.4.7", "v1.4.7", "1.4.7-SNAPSHOT"; what is missing or no number is 0.
agent_version parse_version(std::string_view text);

enum class agent_kind : std::uint8_t { java, go, c, cpp, dns, csharp };

struct push_agent {
  agent_kind kind = agent_kind::java;
  agent_version version;
};

/// "Nacos-Java-Client:v1.4.7"; nothing when nobody knows that this agent understands pushes.
std::optional<push_agent> parse_agent(std::string_view text);

/// What operators switch for all clients at once.
struct push_switches {
  bool enabled = true;
  agent_version java{0, 1, 0};
  agent_version go{0, 1, 0};
  agent_version python{0, 4, 3};  ///< of the DNS agent, as Nacos has it
  agent_version c{1, 0, 12};
  agent_version csharp{0, 9, 0};
};

push_switches push_switches_of(const processors::naming::switches& all);

bool can_push_to(const push_agent& agent, const push_switches& switches);
/// The largest datagram that the agent reads whole.
std::size_t datagram_bytes_max(agent_kind kind);

}  // namespace troupe::naming
