#include "apps/trouped_options.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

using namespace troupe;
using namespace troupe::apps;
using Catch::Matchers::Contains;

namespace {

const std::vector<std::string> enough = {
    "--node-id", "2",         "--data-dir",
    "/tmp/node", "--members", "1=127.0.0.1:7101,2=127.0.0.1:7102,3=127.0.0.1:7103"};

raft::expected<trouped_options, early_exit> parse_all(std::vector<std::string> arguments) {
  std::vector<const char*> argv = {"trouped"};
  for (const auto& argument : arguments) argv.push_back(argument.c_str());
  return parse(static_cast<int>(argv.size()), argv.data());
}

raft::expected<trouped_options, early_exit> parse_with(const std::vector<std::string>& more) {
  auto arguments = enough;
  arguments.insert(arguments.end(), more.begin(), more.end());
  return parse_all(arguments);
}

std::string complaint_about(const std::vector<std::string>& more) {
  const auto options = parse_with(more);
  REQUIRE_FALSE(options);
  CHECK(options.error().exit_code == exit_bad_setting);
  const auto& text = options.error().text;
  CHECK(text.find('\n') == text.size() - 1);  // one line
  return text;
}

/// A variable for the life of a test.
class variable {
 public:
  variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~variable() { unsetenv(name_); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

 private:
  const char* name_;
};

/// A configuration file for the life of a test.
class config_file {
 public:
  explicit config_file(const std::string& content) {
    close(mkstemp(path_.data()));
    std::ofstream(path_) << content;
  }
  ~config_file() { unlink(path_.c_str()); }
  config_file(const config_file&) = delete;
  config_file& operator=(const config_file&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/trouped_options_XXXXXX";
};

}  // namespace

TEST_CASE("what is not set has its documented default") {
  const auto options = parse_all(enough);
  REQUIRE(options);
  CHECK(options->node_id == raft::node_id{2});
  CHECK(options->cluster == "troupe");
  CHECK(options->members.size() == 3);
  CHECK(options->listen == "127.0.0.1:7102");
  CHECK(options->http == "127.0.0.1:8101");
  CHECK(options->http_connections_max == 20'000);
  CHECK(options->data_dir == "/tmp/node");
  CHECK(options->log_format == log_format::text);
  CHECK(options->log_level == log_level::info);
  CHECK(options->log_file.empty());
  CHECK(options->election_timeout_ms == 1'000);
  CHECK(options->heartbeat_ms == 100);
  CHECK(options->threads == 0);
  CHECK(options->health_probes_max == 512);
  CHECK(options->health_probes_per_host_max == 64);
  CHECK(options->push_subscriptions_max == 200'000);
  CHECK_FALSE(options->insecure_listen);
  CHECK_FALSE(options->join);
  CHECK(options->election_priority == 4);
  CHECK(options->quiesce_after_ms == 500);
  CHECK(options->disk_stall_max_ms == 1'000);
  CHECK_FALSE(options->lease_reads);
}

TEST_CASE("a node may join, lead late, fall silent, read by lease and lead with a stalled disk") {
  const auto by_flags = parse_with({"--join", "--election-priority", "1", "--quiesce-after-ms",
                                    "5000", "--lease-reads", "--disk-stall-max-ms", "0"});
  const config_file file(
      "join = true\nelection-priority = 1\nquiesce-after-ms = 5000\nlease-reads = true\n"
      "disk-stall-max-ms = 0\n");
  const auto by_file = parse_with({"--config", file.path()});
  const variable join("TROUPE_JOIN", "true");
  const variable priority("TROUPE_ELECTION_PRIORITY", "1");
  const variable quiesce("TROUPE_QUIESCE_AFTER_MS", "5000");
  const variable stall("TROUPE_DISK_STALL_MAX_MS", "0");
  const variable leases("TROUPE_LEASE_READS", "yes");
  const auto by_environment = parse_with({});
  for (const auto* options : {&by_flags, &by_file, &by_environment}) {
    REQUIRE(*options);
    CHECK((*options)->join);
    CHECK((*options)->election_priority == 1);
    CHECK((*options)->quiesce_after_ms == 5'000);
    CHECK((*options)->disk_stall_max_ms == 0);
    CHECK((*options)->lease_reads);
  }
}

TEST_CASE("members are sorted by id") {
  const auto options =
      parse_with({"--members", "3=a:7103, 2=b:7102 ,1=[::1]:7101", "--listen", "127.0.0.1:7102"});
  REQUIRE(options);
  CHECK(options->members == std::vector<member_address>{{raft::node_id{1}, "[::1]:7101"},
                                                        {raft::node_id{2}, "b:7102"},
                                                        {raft::node_id{3}, "a:7103"}});
}

TEST_CASE("a flag goes before the environment, that before the file, that before the default") {
  const config_file file("log-level = \"warn\"\nheartbeat-ms = 50\nthreads = 3\n");
  const variable level("TROUPE_LOG_LEVEL", "error");
  const variable heartbeat("TROUPE_HEARTBEAT_MS", "60");
  const auto options = parse_with({"--config", file.path(), "--log-level", "debug"});
  REQUIRE(options);
  CHECK(options->log_level == log_level::debug);
  CHECK(options->heartbeat_ms == 60);
  CHECK(options->threads == 3);
}

TEST_CASE("a node can be set up by the file alone, in either form of a list") {
  for (const auto* members : {"members = 1=127.0.0.1:7101,2=127.0.0.1:7102",
                              "members = [\"1=127.0.0.1:7101\", \"2=127.0.0.1:7102\"]",
                              "members = \"1=127.0.0.1:7101,2=127.0.0.1:7102\""}) {
    const config_file file("# a node\nnode-id = 1\ndata-dir = \"/tmp/a node\"\n" +
                           std::string(members) + "\ninsecure-listen = true\n");
    const variable config("TROUPE_CONFIG", file.path().c_str());
    const auto options = parse_all({});
    REQUIRE(options);
    CHECK(options->data_dir == "/tmp/a node");
    CHECK(options->members.size() == 2);
    CHECK(options->insecure_listen);
  }
}

TEST_CASE("the last of a repeated flag counts") {
  const auto options = parse_with({"--threads", "4", "--threads", "5"});
  REQUIRE(options);
  CHECK(options->threads == 5);
}

TEST_CASE("an unknown key in the file is refused by name") {
  const config_file file("log-level = info\nelection-timeout = 5\n");
  CHECK_THAT(complaint_about({"--config", file.path()}),
             Contains("election-timeout in " + file.path()) && Contains("no such setting"));
}

TEST_CASE("a section in the file is refused by name") {
  const config_file file("[raft]\nheartbeat-ms = 5\n");
  CHECK_THAT(complaint_about({"--config", file.path()}), Contains("raft.heartbeat-ms"));
}

TEST_CASE("a key that stands twice in the file is refused") {
  const config_file file("threads = 2\nlog-level = info\nthreads = 3\n");
  CHECK_THAT(complaint_about({"--config", file.path()}), Contains("threads in"));
}

TEST_CASE("a path with a NUL byte is refused, not cut there") {
  using namespace std::string_literals;
  const config_file file("log-file = \"/tmp/a\0b\"\n"s);
  CHECK_THAT(complaint_about({"--config", file.path()}),
             Contains("log-file in ") && Contains("must not hold a NUL byte"));
}

TEST_CASE("a missing file is refused with its path") {
  CHECK_THAT(complaint_about({"--config", "/nowhere/troupe.toml"}),
             Contains("--config is \"/nowhere/troupe.toml\""));
}

TEST_CASE("a complaint names setting, value and limit, wherever the value stands") {
  CHECK_THAT(complaint_about({"--election-timeout-ms", "99"}),
             Contains("--election-timeout-ms is \"99\"") && Contains("100 to 60000"));
  CHECK_THAT(complaint_about({"--election-timeout-ms", "1s"}), Contains("100 to 60000"));
  CHECK_THAT(complaint_about({"--election-priority", "0"}), Contains("1 to 4"));
  CHECK_THAT(complaint_about({"--election-priority", "5"}),
             Contains("--election-priority is \"5\"") && Contains("1 to 4"));
  CHECK_THAT(complaint_about({"--quiesce-after-ms", "86400001"}), Contains("0 to 86400000"));
  CHECK_THAT(complaint_about({"--quiesce-after-ms", "never"}), Contains("0 to 86400000"));
  CHECK_THAT(complaint_about({"--disk-stall-max-ms", "1s"}),
             Contains("--disk-stall-max-ms is \"1s\"") && Contains("0 to 86400000"));
  CHECK_THAT(complaint_about({"--threads", "257"}), Contains("0 to 256"));
  CHECK_THAT(complaint_about({"--node-id", "9223372036854775808"}),
             Contains("1 to 9223372036854775807"));
  CHECK_THAT(complaint_about({"--log-level", "verbose"}),
             Contains("trace, debug, info, warn, error"));
  CHECK_THAT(complaint_about({"--cluster", "a b"}), Contains("--cluster is \"a b\""));
  CHECK_THAT(complaint_about({"--http", "8101"}), Contains("host:port"));
  CHECK_THAT(complaint_about({"--http", "127.0.0.1:65536"}), Contains("1 to 65535"));
  const variable threads("TROUPE_THREADS", "many");
  CHECK_THAT(complaint_about({}), Contains("TROUPE_THREADS is \"many\""));
}

TEST_CASE("a bad member list names the element and the reason") {
  CHECK_THAT(complaint_about({"--members", "1=a:1,2"}),
             Contains("element \"2\"") && Contains("id=host:port"));
  CHECK_THAT(complaint_about({"--members", "1=a:1,0=b:1"}), Contains("element \"0=b:1\""));
  CHECK_THAT(complaint_about({"--members", "1=a:1,2=b"}), Contains("element \"2=b\""));
  CHECK_THAT(complaint_about({"--members", "1=a:1,,2=b:1"}), Contains("element \"\""));
  CHECK_THAT(complaint_about({"--members", "1=a:1,1=b:1"}), Contains("id 1 stands twice"));
  CHECK_THAT(complaint_about({"--members", "1=a:1,2=a:1"}), Contains("address a:1 stands twice"));
  CHECK_THAT(complaint_about({"--members", "1=a:1,3=b:1"}), Contains("must hold this node, 2"));
}

TEST_CASE("each required setting is asked for by name") {
  for (const auto* name : {"--node-id", "--data-dir", "--members"}) {
    auto arguments = enough;
    const auto at = std::find(arguments.begin(), arguments.end(), name);
    arguments.erase(at, at + 2);
    const auto options = parse_all(arguments);
    REQUIRE_FALSE(options);
    CHECK_THAT(options.error().text, Contains(std::string(name) + " is not set"));
  }
}

TEST_CASE("a heartbeat must fit twice into an election timeout") {
  CHECK_THAT(complaint_about({"--heartbeat-ms", "500"}), Contains("less than half"));
  CHECK(parse_with({"--heartbeat-ms", "499"}));
}

TEST_CASE("without TLS a node listens beyond loopback only when told so") {
  CHECK_THAT(complaint_about({"--http", "0.0.0.0:8101"}),
             Contains("--http is \"0.0.0.0:8101\"") && Contains("--insecure-listen"));
  CHECK_THAT(complaint_about({"--listen", "[::]:7102"}), Contains("--listen is"));
  CHECK_THAT(complaint_about({"--listen", "127.evil.example:7102"}), Contains("loopback"));
  CHECK(parse_with({"--http", "0.0.0.0:8101", "--insecure-listen"}));
  CHECK(parse_with({"--http", "localhost:8101", "--listen", "[::1]:7102"}));
  CHECK(parse_with({"--http", "127.8.0.1:8101"}));
}

TEST_CASE("others are told where HTTP is, and never a wildcard") {
  CHECK(parse_with({})->http_advertise == "127.0.0.1:8101");
  CHECK(parse_with({"--http", "127.0.0.2:8848"})->http_advertise == "127.0.0.2:8848");
  for (const auto* wildcard : {"0.0.0.0:8848", "[::]:8848"}) {
    const auto options = parse_with({"--http", wildcard, "--insecure-listen"});
    REQUIRE(options);
    CHECK(options->http_advertise == "127.0.0.1:8848");
  }
  CHECK(parse_with({"--http-advertise", "n2.example:80"})->http_advertise == "n2.example:80");
  CHECK_THAT(complaint_about({"--http-advertise", "n2"}), Contains("must be host:port"));
}

TEST_CASE("authentication is off unless asked for, and then needs its secrets") {
  const auto off = parse_with({});
  REQUIRE(off);
  CHECK_FALSE(off->auth);
  CHECK(off->auth_token_seconds == 18'000);
  CHECK_THAT(complaint_about({"--auth"}),
             Contains("--auth-token-key is not set") && Contains("TROUPE_AUTH_TOKEN_KEY"));
  const variable key("TROUPE_AUTH_TOKEN_KEY", "a2V5");
  CHECK_THAT(complaint_about({"--auth"}), Contains("--auth-identity-key is not set"));
  const variable header("TROUPE_AUTH_IDENTITY_KEY", "Troupe-Server");
  CHECK_THAT(complaint_about({"--auth"}), Contains("--auth-identity-value is not set"));
  const variable value("TROUPE_AUTH_IDENTITY_VALUE", "swordfish");
  const auto on = parse_with({"--auth", "--auth-token-seconds", "60"});
  REQUIRE(on);
  CHECK(on->auth);
  CHECK(on->auth_token_key == "a2V5");
  CHECK(on->auth_token_seconds == 60);
  CHECK(on->auth_identity_key == "Troupe-Server");
  CHECK(on->auth_identity_value == "swordfish");
}

TEST_CASE("the name of the servers' header is one, and no complaint repeats a secret") {
  CHECK_THAT(complaint_about({"--auth-identity-key", "a b"}), Contains("the name of a header"));
  CHECK_THAT(complaint_about({"--auth-identity-key", "a:b"}), Contains("the name of a header"));
  const auto told = complaint_about({"--auth-token-key", ""});
  CHECK_THAT(told, Contains("--auth-token-key: must not be empty"));
}

TEST_CASE("peers and HTTP cannot share an address") {
  CHECK_THAT(complaint_about({"--http", "127.0.0.1:7102"}), Contains("port of its own"));
}

TEST_CASE("an unknown flag and a flag without its value are refused") {
  CHECK_THAT(complaint_about({"--elections", "5"}), Contains("--elections"));
  CHECK_THAT(complaint_about({"stray"}), Contains("stray"));
  CHECK_THAT(complaint_about({"--http"}), Contains("--http"));
}

TEST_CASE("help and version end with code 0 and go before every complaint") {
  const auto help = parse_all({"--help"});
  REQUIRE_FALSE(help);
  CHECK(help.error().exit_code == 0);
  for (const auto* setting :
       {"--node-id", "--members", "--insecure-listen", "--config", "TROUPE_"}) {
    CHECK_THAT(help.error().text, Contains(setting));
  }
  const auto version = parse_all({"--version", "--threads", "x"});
  REQUIRE_FALSE(version);
  CHECK(version.error().exit_code == 0);
  CHECK_THAT(version.error().text, Contains("trouped 0."));
}
