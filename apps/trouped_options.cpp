#include "apps/trouped_options.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

namespace troupe::apps {
namespace {

using outcome = raft::expected<void, std::string>;

/// One setting: its name is the flag, the key in the file, and (in capitals) the variable.
struct setting {
  const char* name;
  const char* value_name;  ///< empty: a switch
  const char* fallback;    ///< null: required
  const char* help;
  outcome (*assign)(trouped_options& options, const std::string& text);
  bool is_secret = false;  ///< no complaint repeats it
};

/// Moves a parsed value into its field, a reason to the caller.
template <class T, class Field>
outcome store(parsed<T> value, Field& field) {
  if (!value) return raft::unexpected<std::string>(value.error());
  field = static_cast<Field>(*std::move(value));
  return {};
}

outcome store_text(const std::string& text, std::string& field) {
  if (text.empty()) return raft::unexpected<std::string>("must not be empty");
  // The system would open what stands before it.
  if (text.find('\0') != std::string::npos) {
    return raft::unexpected<std::string>("must not hold a NUL byte");
  }
  field = text;
  return {};
}

const setting settings[] = {
    {"node-id", "N", nullptr, "id of this node, 1 to 2^63-1; never reused for another",
     [](auto& o, auto& text) {
       auto id = parse_number(text, 1, node_id_max);
       return store(std::move(id), o.node_id);
     }},
    {"cluster", "NAME", "troupe", "name of the cluster; nodes of others are refused",
     [](auto& o, auto& text) { return store(parse_cluster_name(text), o.cluster); }},
    {"members", "LIST", nullptr,
     "all nodes, this one included: 1=host:port,2=host:port,3=host:port",
     [](auto& o, auto& text) { return store(parse_members(text), o.members); }},
    {"join", "", "false", "the cluster exists already: wait to be added (troupectl member add)",
     [](auto& o, auto& text) { return store(parse_switch(text), o.join); }},
    {"listen", "HOST:PORT", "", "for peers and native clients (default: own address in --members)",
     [](auto& o, auto& text) { return store(parse_address(text), o.listen); }},
    {"http", "HOST:PORT", "127.0.0.1:8101", "for HTTP",
     [](auto& o, auto& text) { return store(parse_address(text), o.http); }},
    {"http-advertise", "HOST:PORT", "",
     "where others reach it (default: --http; with the own host of --members where that is a "
     "wildcard)",
     [](auto& o, auto& text) { return store(parse_address(text), o.http_advertise); }},
    {"http-connections-max", "N", "20000", "HTTP connections at a time, 1 to 1000000",
     [](auto& o, auto& text) {
       return store(parse_number(text, 1, 1'000'000), o.http_connections_max);
     }},
    {"data-dir", "DIR", nullptr, "the node's own directory; made when missing",
     [](auto& o, auto& text) { return store_text(text, o.data_dir); }},
    {"log-format", "text|json", "text", "one line a record, for people or for machines",
     [](auto& o, auto& text) {
       return store(parse_choice(text, {"text", "json"}), o.log_format);
     }},
    {"log-level", "LEVEL", "info", "trace, debug, info, warn or error",
     [](auto& o, auto& text) {
       auto level = parse_choice(text, {"trace", "debug", "info", "warn", "error"});
       return store(std::move(level), o.log_level);
     }},
    {"log-file", "FILE", "", "appended to (default: stderr)",
     [](auto& o, auto& text) { return store_text(text, o.log_file); }},
    {"election-timeout-ms", "N", "1000", "silence of a leader before an election, 100 to 60000",
     [](auto& o, auto& text) {
       return store(parse_number(text, 100, 60'000), o.election_timeout_ms);
     }},
    {"heartbeat-ms", "N", "100", "between heartbeats, less than half the election timeout",
     [](auto& o, auto& text) { return store(parse_number(text, 1, 30'000), o.heartbeat_ms); }},
    {"election-priority", "N", "4",
     "1 leads last, 4 first: each step below 4 waits one election timeout more, 1 to 4",
     [](auto& o, auto& text) { return store(parse_number(text, 1, 4), o.election_priority); }},
    {"quiesce-after-ms", "N", "500",
     "idle groups send no heartbeats after so long, 0 to 86400000; 0 is never",
     [](auto& o, auto& text) {
       return store(parse_number(text, 0, 86'400'000), o.quiesce_after_ms);
     }},
    {"disk-stall-max-ms", "N", "1000",
     "who is at one write to the log for longer lets others lead, 0 to 86400000; 0 is never",
     [](auto& o, auto& text) {
       return store(parse_number(text, 0, 86'400'000), o.disk_stall_max_ms);
     }},
    {"lease-reads", "", "false",
     "leaders answer reads alone while their lease lasts; needs clocks that run at the same rate",
     [](auto& o, auto& text) { return store(parse_switch(text), o.lease_reads); }},
    {"log-entries-max", "N", "200000",
     "a group's log is cut when it has more, down to a twentieth, 1000 to 1000000000",
     [](auto& o, auto& text) {
       return store(parse_number(text, 1'000, 1'000'000'000), o.log_entries_max);
     }},
    {"log-mib-max", "N", "256", "or when it takes more, 1 to 65536",
     [](auto& o, auto& text) { return store(parse_number(text, 1, 65'536), o.log_mib_max); }},
    {"snapshot-mib-per-second", "N", "64", "how fast a snapshot is sent, 1 to 65536",
     [](auto& o, auto& text) {
       return store(parse_number(text, 1, 65'536), o.snapshot_mib_per_second);
     }},
    {"config-history-days", "N", "30", "how long the history of configurations is kept, 1 to 3650",
     [](auto& o, auto& text) {
       return store(parse_number(text, 1, 3'650), o.config_history_days);
     }},
    {"threads", "N", "0", "threads for all sockets and actors, 1 to 256; 0: half of the cores",
     [](auto& o, auto& text) { return store(parse_number(text, 0, 256), o.threads); }},
    {"health-probes-max", "N", "512", "health checks of instances under way at a time, 1 to 16384",
     [](auto& o, auto& text) { return store(parse_number(text, 1, 16'384), o.health_probes_max); }},
    {"health-probes-per-host-max", "N", "64", "at one host, 1 to 16384",
     [](auto& o, auto& text) {
       return store(parse_number(text, 1, 16'384), o.health_probes_per_host_max);
     }},
    {"push-subscriptions-max", "N", "200000",
     "pairs of client and service that are told of changes over UDP, 1 to 10000000",
     [](auto& o, auto& text) {
       return store(parse_number(text, 1, 10'000'000), o.push_subscriptions_max);
     }},
    {"insecure-listen", "", "false", "allow --listen and --http beyond loopback without TLS",
     [](auto& o, auto& text) { return store(parse_switch(text), o.insecure_listen); }},
    {"auth", "", "false", "HTTP needs a user or a token; off, everybody may do everything",
     [](auto& o, auto& text) { return store(parse_switch(text), o.auth); }},
    {"auth-token-key", "BASE64", "",
     "signs access tokens, the same on every node; 32 bytes or more behind Base64, see --auth",
     [](auto& o, auto& text) { return store_text(text, o.auth_token_key); }, true},
    {"auth-token-seconds", "N", "18000", "life of an access token, 60 to 31536000",
     [](auto& o, auto& text) {
       return store(parse_number(text, 60, 31'536'000), o.auth_token_seconds);
     }},
    {"auth-identity-key", "HEADER", "", "header by which the nodes know each other, see --auth",
     [](auto& o, auto& text) { return store(parse_header_name(text), o.auth_identity_key); }},
    {"auth-identity-value", "TEXT", "", "its value, a secret that all nodes share",
     [](auto& o, auto& text) { return store_text(text, o.auth_identity_value); }, true},
};

/// The text of a setting, and where it stands, as an operator would look for it.
struct given {
  std::string text;
  std::string where;
};
using givens = std::map<std::string, given, std::less<>>;

raft::unexpected<early_exit> refuse(const std::string& reason) {
  return raft::unexpected<early_exit>({"trouped: " + reason + "\n", exit_bad_setting});
}

raft::unexpected<early_exit> refuse_secret(const given& value, const std::string& reason) {
  return refuse(value.where + ": " + reason);
}

raft::unexpected<early_exit> refuse(const given& value, const std::string& reason) {
  return refuse(value.where + " is \"" + value.text + "\": " + reason);
}

std::string variable_of(const std::string& name) {
  std::string variable = "TROUPE_";
  for (const char c : name) {
    variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

std::string described(const setting& s) {
  if (s.fallback == nullptr) return std::string(s.help) + " (required)";
  if (*s.value_name == '\0' || *s.fallback == '\0') return s.help;
  return std::string(s.help) + " (default " + s.fallback + ")";
}

void add_option(CLI::App& app, const setting& s, std::string& text) {
  const auto flag = "--" + std::string(s.name);
  auto* option = *s.value_name == '\0' ? app.add_flag(flag, text, described(s))
                                       : app.add_option(flag, text, described(s));
  // A wrapper script appends to fixed arguments: the last one wins.
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)->option_text(s.value_name);
}

void describe(CLI::App& app) {
  app.description("A node of a Troupe cluster: many Raft groups, served over HTTP.");
  app.set_version_flag("--version", std::string("trouped ") + TROUPE_VERSION);
  app.footer(
      "Each setting may also stand in the environment (--log-level as TROUPE_LOG_LEVEL) or in the\n"
      "file, one a line (log-level = \"info\"). A flag goes before the environment, that before "
      "the\n"
      "file. SIGTERM and SIGINT hand leadership over and stop the node.\n"
      "Exit codes: 0 stopped as asked, 2 bad setting, 3 the machine refuses (port in use, data\n"
      "directory locked or not writable, wrong format version), 4 it can no longer keep its "
      "promises\n"
      "(a failed sync, or the others know this node with other data).");
  app.get_formatter()->column_width(38);
  app.allow_extras();
}

/// CLI11 knows the flags only: it would let the file go before the environment.
raft::expected<givens, early_exit> read_flags(int argc, const char* const* argv) {
  CLI::App app;
  describe(app);
  std::map<std::string, std::string> texts;
  for (const auto& s : settings) add_option(app, s, texts[s.name]);
  app.add_option("--config", texts["config"], "file with settings")->option_text("FILE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return raft::unexpected<early_exit>({app.help(), 0});
  } catch (const CLI::CallForVersion& asked) {
    return raft::unexpected<early_exit>({std::string(asked.what()) + "\n", 0});
  } catch (const CLI::Error& failed) {
    return refuse(std::string(failed.what()) + "; see trouped --help");
  }
  if (!app.remaining().empty()) {
    return refuse(app.remaining().front() + ": there is no such flag; see trouped --help");
  }
  givens found;
  for (const auto& [name, text] : texts) {
    const auto flag = "--" + name;
    if (app.count(flag) > 0) found[name] = {text, flag};
  }
  return found;
}

void add_environment(givens& found, const std::string& name) {
  const auto variable = variable_of(name);
  const char* text = std::getenv(variable.c_str());
  if (text != nullptr && *text != '\0') found.try_emplace(name, given{text, variable});
}

const setting* find_setting(std::string_view name) {
  for (const auto& s : settings) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

std::string joined(const std::vector<std::string>& elements) {
  std::string all;
  for (const auto& element : elements) all += (all.empty() ? "" : ",") + element;
  return all;
}

raft::expected<givens, early_exit> read_file(const given& config) {
  std::ifstream file(config.text);
  if (!file) return refuse(config, "cannot be read; name a readable file");
  givens found;
  try {
    for (const auto& item : CLI::ConfigTOML().from_config(file)) {
      if (item.name == "++" || item.name == "--") continue;  // CLI11: a section begins or ends
      const auto where = item.fullname() + " in " + config.text;
      if (!item.parents.empty() || find_setting(item.name) == nullptr) {
        return refuse(where + ": there is no such setting; see trouped --help");
      }
      const given value{joined(item.inputs), where};
      if (!found.emplace(item.name, value).second) {
        return refuse(value, "stands there twice; keep one");
      }
    }
  } catch (const CLI::Error& failed) {
    return refuse(config, failed.what());
  }
  return found;
}

/// All sources as one, each setting from the first that has it.
raft::expected<givens, early_exit> read_all(int argc, const char* const* argv) {
  auto found = read_flags(argc, argv);
  if (!found) return found;
  for (const auto& s : settings) add_environment(*found, s.name);
  add_environment(*found, "config");
  const auto config = found->find("config");
  if (config == found->end()) return found;
  auto from_file = read_file(config->second);
  if (!from_file) return from_file;
  found->merge(*from_file);
  return found;
}

std::optional<early_exit> assign_all(trouped_options& options, const givens& found) {
  for (const auto& s : settings) {
    const auto at = found.find(s.name);
    if (at == found.end() && s.fallback == nullptr) {
      return refuse("--" + std::string(s.name) + " is not set: " + s.help).error();
    }
    if (at == found.end() && *s.fallback == '\0') continue;
    const auto value = at == found.end() ? given{s.fallback, "default"} : at->second;
    const auto assigned = s.assign(options, value.text);
    if (assigned.has_value()) continue;
    return (s.is_secret ? refuse_secret(value, assigned.error()) : refuse(value, assigned.error()))
        .error();
  }
  return std::nullopt;
}

/// A setting as it is named in a complaint, even where it has its default.
given named(const givens& found, const std::string& name, const std::string& value) {
  const auto at = found.find(name);
  return at == found.end() ? given{value, "--" + name} : at->second;
}

const member_address* find_member(const trouped_options& options) {
  for (const auto& member : options.members) {
    if (member.id == options.node_id) return &member;
  }
  return nullptr;
}

/// A wildcard says nothing of where a node is; the address that its peers know does.
std::string reached_at(const std::string& http, const member_address& own) {
  if (!is_wildcard(http)) return http;
  return own.address.substr(0, own.address.rfind(':')) + http.substr(http.rfind(':'));
}

std::optional<early_exit> check_exposure(const trouped_options& options, const givens& found) {
  const std::pair<const char*, const std::string&> doors[] = {{"listen", options.listen},
                                                              {"http", options.http}};
  for (const auto& [name, address] : doors) {
    if (is_loopback(address) || options.insecure_listen) continue;
    return refuse(named(found, name, address),
                  "without TLS a node listens on loopback only; use 127.0.0.1 or [::1], or add "
                  "--insecure-listen where the network itself is trusted")
        .error();
  }
  return std::nullopt;
}

std::optional<early_exit> check_auth(const trouped_options& options) {
  if (!options.auth) return std::nullopt;
  const std::pair<const char*, const std::string&> needed[] = {
      {"auth-token-key", options.auth_token_key},
      {"auth-identity-key", options.auth_identity_key},
      {"auth-identity-value", options.auth_identity_value}};
  for (const auto& [name, text] : needed) {
    if (!text.empty()) continue;
    return refuse("--" + std::string(name) +
                  " is not set, and --auth needs it: " + find_setting(name)->help +
                  "; keep secrets in the environment (" + variable_of(name) + ") or in the file")
        .error();
  }
  return std::nullopt;
}

/// What no setting can tell alone.
std::optional<early_exit> check_together(trouped_options& options, const givens& found) {
  const auto* own = find_member(options);
  if (own == nullptr) {
    return refuse(named(found, "members", ""), "must hold this node, " +
                                                   to_string(options.node_id) +
                                                   "; add it or correct --node-id")
        .error();
  }
  if (options.listen.empty()) options.listen = own->address;
  if (options.http_advertise.empty()) options.http_advertise = reached_at(options.http, *own);
  if (options.listen == options.http) {
    return refuse(named(found, "http", options.http),
                  "is where peers are listened for; give HTTP a port of its own")
        .error();
  }
  if (options.heartbeat_ms * 2 >= options.election_timeout_ms) {
    return refuse(named(found, "heartbeat-ms", std::to_string(options.heartbeat_ms)),
                  "must be less than half of --election-timeout-ms, which is " +
                      std::to_string(options.election_timeout_ms))
        .error();
  }
  if (auto failed = check_auth(options)) return failed;
  return check_exposure(options, found);
}

}  // namespace

raft::expected<trouped_options, early_exit> parse(int argc, const char* const* argv) {
  const auto found = read_all(argc, argv);
  if (!found) return raft::unexpected<early_exit>(found.error());
  trouped_options options;
  auto failed = assign_all(options, *found);
  if (!failed) failed = check_together(options, *found);
  if (failed) return raft::unexpected<early_exit>(*failed);
  return options;
}

}  // namespace troupe::apps
