// switch_values: the switches that operators turn at run time, with Nacos's names, defaults and
// rules (nacos-spec C.6), and how one is set from text. Knows nothing of who keeps them and of what
// they do.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "raft/expected.hpp"

namespace troupe::processors::naming {

constexpr std::size_t switch_entry_bytes_max = 64;
constexpr std::size_t switch_value_bytes_max = 8'192;
constexpr std::size_t limited_urls_max = 256;
constexpr std::size_t masters_max = 64;

/// How often instances are probed. nacos-spec C.13.1.
struct probe_interval {
  std::uint64_t max_ms = 0;
  std::uint64_t min_ms = 0;
  double factor = 0;
  friend bool operator==(const probe_interval&, const probe_interval&) = default;
};

struct switches {
  // What the server does. Beside each: the entry that sets it.
  bool health_check_enabled = true;                 ///< check
  std::uint32_t check_times = 3;                    ///< healthCheckTimes
  probe_interval tcp_health{5'000, 1'000, 0.75};    ///< tcpHealthParams
  probe_interval http_health{5'000, 500, 0.85};     ///< httpHealthParams
  probe_interval mysql_health{3'000, 2'000, 0.65};  ///< mysqlHealthParams
  bool push_enabled = true;                         ///< pushEnabled
  std::uint64_t push_cache_ms = 10'000;             ///< pushCacheMillis: cacheMillis of lists
  std::uint64_t default_cache_ms = 3'000;           ///< defaultCacheMillis
  std::uint64_t client_beat_interval_ms = 5'000;    ///< clientBeatInterval
  bool default_instance_ephemeral = true;           ///< defaultInstanceEphemeral
  bool light_beat_enabled = true;                   ///< lightBeatEnabled
  /// overriddenServerStatus: UP, DOWN, READ_ONLY, WRITE_ONLY; empty: not overridden.
  std::string overridden_server_status;
  /// limitedUrlMap: URLs that begin so are answered with this code.
  std::map<std::string, std::uint32_t> limited_urls;
  /// pushVersion: the oldest client of a language that is pushed to.
  std::map<std::string, std::string> push_versions{{"java", "0.1.0"},
                                                   {"go", "0.1.0"},
                                                   {"python", "0.4.3"},
                                                   {"c", "1.0.12"},
                                                   {"csharp", "0.9.0"}};

  // What is kept and shown, since clients and consoles read it, and has no function here.
  bool auto_change_health_check_enabled = true;     ///< autoChangeHealthCheckEnabled
  std::uint64_t service_status_period_ms = 5'000;   ///< serviceStatusSynchronizationPeriodMillis
  std::uint64_t server_status_period_ms = 2'000;    ///< serverStatusSynchronizationPeriodMillis
  bool distro_enabled = true;                       ///< distro
  double distro_threshold = 0.7;                    ///< distroThreshold
  std::uint64_t distro_server_expired_ms = 10'000;  ///< distroServerExpiredMillis
  bool enable_standalone = true;                    ///< enableStandalone
  bool disable_add_ip = false;                      ///< disableAddIP
  bool send_beat_only = false;                      ///< sendBeatOnly
  std::vector<std::string> masters;                 ///< masters

  friend bool operator==(const switches&, const switches&) = default;
};

/// Sets what `entry` names. The error names entry, rule and limit, and leaves `s` alone. Used by
/// proposers to answer at once, and again in apply.
raft::expected<void, std::string> set_switch(switches& s, std::string_view entry,
                                             std::string_view value);

/// What is set by `entry` alone, or, for pushVersion, by one type of it: later values of the same
/// field replace earlier ones.
std::string switch_field(std::string_view entry, std::string_view value);

}  // namespace troupe::processors::naming
