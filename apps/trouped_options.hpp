// trouped_options: what an operator can set on a server, by flag, environment or file, checked
// before anything starts. Reads the configuration file; opens no directory and no socket.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/trouped_options_values.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::apps {

/// How the process ends when it cannot start. Supervisors tell by it whether a restart can help.
constexpr int exit_bad_setting = 2;
constexpr int exit_environment = 3;  ///< port in use, directory locked, wrong format version, …

enum class log_format : std::uint8_t { text, json };
enum class log_level : std::uint8_t { trace, debug, info, warn, error };

struct trouped_options {
  raft::node_id node_id;
  std::string cluster;
  std::vector<member_address> members;  ///< sorted by id; holds node_id
  std::string listen;                   ///< host:port for peers and native clients
  std::string http;                     ///< host:port
  std::string http_advertise;           ///< host:port at which others reach HTTP; never a wildcard
  std::uint32_t http_connections_max = 0;
  std::string data_dir;
  apps::log_format log_format = apps::log_format::text;
  apps::log_level log_level = apps::log_level::info;
  std::string log_file;  ///< empty: stderr
  std::uint32_t election_timeout_ms = 0;
  std::uint32_t heartbeat_ms = 0;  ///< less than half of election_timeout_ms
  std::uint32_t threads = 0;       ///< 0: half of the cores
  bool join = false;
  std::uint8_t election_priority = 0;      ///< 1 to 4
  std::uint32_t quiesce_after_ms = 500;    ///< 0: never
  std::uint32_t disk_stall_max_ms = 1000;  ///< 0: never
  bool lease_reads = false;
  std::uint32_t log_entries_max = 0;
  std::uint32_t log_mib_max = 0;
  std::uint32_t snapshot_mib_per_second = 0;
  std::uint32_t health_probes_max = 0;
  std::uint32_t health_probes_per_host_max = 0;
  std::uint32_t push_subscriptions_max = 0;
  std::uint32_t config_history_days = 0;
  bool insecure_listen = false;
  bool auth = false;
  std::string auth_token_key;  ///< Base64, not looked into here
  std::uint32_t auth_token_seconds = 0;
  std::string auth_identity_key;    ///< a header's name; not empty with auth
  std::string auth_identity_value;  ///< not empty with auth
};

/// Why there is nothing to run: asked for help (code 0, for stdout), or a bad setting (one line for
/// stderr that names the setting, its value and the fix).
struct early_exit {
  std::string text;
  int exit_code = 0;
};

/// A flag goes before the environment, that before the file, that before the default.
raft::expected<trouped_options, early_exit> parse(int argc, const char* const* argv);

}  // namespace troupe::apps
