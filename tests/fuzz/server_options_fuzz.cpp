// Flags and configuration file of a server. An input is one flag a line up to an empty line, then
// the file.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "apps/trouped_options.hpp"
#include "tests/fuzz/demands.hpp"

using namespace troupe;
using apps::trouped_options;

namespace {

using outcome = raft::expected<trouped_options, apps::early_exit>;

/// A file without a disk beneath it.
class memory_file {
 public:
  explicit memory_file(std::string_view content) : descriptor_(memfd_create("options", 0)) {
    const auto written = write(descriptor_, content.data(), content.size());
    fuzz::demand(written == static_cast<ssize_t>(content.size()), "the file holds the input");
  }
  ~memory_file() { close(descriptor_); }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

outcome parse(const std::vector<std::string>& flags) {
  std::vector<const char*> argv = {"trouped"};
  for (const auto& flag : flags) argv.push_back(flag.c_str());
  return apps::parse(static_cast<int>(argv.size()), argv.data());
}

std::vector<std::string> flags_of(const trouped_options& o) {
  constexpr const char* formats[] = {"text", "json"};
  constexpr const char* levels[] = {"trace", "debug", "info", "warn", "error"};
  std::string members;
  for (const auto& m : o.members) {
    members += (members.empty() ? "" : ",") + to_string(m.id) + "=" + m.address;
  }
  std::vector<std::string> flags = {
      "--node-id=" + to_string(o.node_id),
      "--cluster=" + o.cluster,
      "--members=" + members,
      "--listen=" + o.listen,
      "--http=" + o.http,
      "--http-connections-max=" + std::to_string(o.http_connections_max),
      "--data-dir=" + o.data_dir,
      std::string("--log-format=") + formats[static_cast<std::size_t>(o.log_format)],
      std::string("--log-level=") + levels[static_cast<std::size_t>(o.log_level)],
      "--election-timeout-ms=" + std::to_string(o.election_timeout_ms),
      "--heartbeat-ms=" + std::to_string(o.heartbeat_ms),
      "--threads=" + std::to_string(o.threads),
      "--election-priority=" + std::to_string(o.election_priority),
      "--quiesce-after-ms=" + std::to_string(o.quiesce_after_ms),
      "--disk-stall-max-ms=" + std::to_string(o.disk_stall_max_ms),
      "--health-probes-max=" + std::to_string(o.health_probes_max),
      "--health-probes-per-host-max=" + std::to_string(o.health_probes_per_host_max),
      "--push-subscriptions-max=" + std::to_string(o.push_subscriptions_max),
      std::string("--join=") + (o.join ? "true" : "false"),
      std::string("--lease-reads=") + (o.lease_reads ? "true" : "false")};
  if (!o.log_file.empty()) flags.push_back("--log-file=" + o.log_file);
  if (o.insecure_listen) flags.emplace_back("--insecure-listen");
  return flags;
}

void check_refusal(const apps::early_exit& why) {
  if (why.exit_code == 0) return fuzz::demand(!why.text.empty(), "help is text");
  fuzz::demand(why.exit_code == apps::exit_bad_setting, "a bad setting has its exit code");
  fuzz::demand(why.text.rfind("trouped: ", 0) == 0 && why.text.size() > 10 &&
                   why.text.find('\n') == why.text.size() - 1,
               "a bad setting is told in one line", why.text);
}

void check_accepted(const trouped_options& o) {
  fuzz::demand(o.heartbeat_ms > 0 && o.heartbeat_ms * 2 < o.election_timeout_ms,
               "heartbeats come well within an election timeout");
  fuzz::demand(o.http_connections_max > 0, "what is counted is counted from one");
  fuzz::demand(!o.listen.empty() && !o.http.empty() && o.listen != o.http && !o.data_dir.empty(),
               "addresses and directory are known");
  fuzz::demand(o.insecure_listen || (apps::is_loopback(o.listen) && apps::is_loopback(o.http)),
               "without TLS nobody but this machine is served");
  fuzz::demand(std::any_of(o.members.begin(), o.members.end(),
                           [&](const auto& m) { return m.id == o.node_id; }),
               "the node is a member");
  fuzz::demand(std::is_sorted(o.members.begin(), o.members.end(),
                              [](const auto& a, const auto& b) { return a.id < b.id; }),
               "members are sorted");
  const auto again = parse(flags_of(o));
  fuzz::demand(again.has_value(), "options can be given as flags", again ? "" : again.error().text);
  fuzz::demand(flags_of(*again) == flags_of(o), "options given as flags are equal");
}

struct settings {
  std::vector<std::string> flags;
  std::string_view file;
};

settings split(std::string_view input) {
  settings s;
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    if (line.empty()) break;
    s.flags.emplace_back(line.substr(0, line.find('\0')));
  }
  s.file = input;
  return s;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int unset = unsetenv("TROUPE_CONFIG");
  fuzz::demand(unset == 0, "the environment names no file");
  auto given = split(fuzz::view_of(data, size));
  auto& flags = given.flags;
  // Another file than ours may be anything, without end, too.
  if (std::any_of(flags.begin(), flags.end(),
                  [](const auto& f) { return f.find("config") != std::string::npos; })) {
    return 0;
  }
  const memory_file held(given.file);
  if (!given.file.empty()) flags.push_back("--config=" + held.path());
  const auto options = [&] {
    // The parser of flags builds its description of all of them first.
    const fuzz::memory_meter meter({256, 1U << 20U}, size);
    return parse(flags);
  }();
  if (options) {
    check_accepted(*options);
  } else {
    check_refusal(options.error());
  }
  return 0;
}
