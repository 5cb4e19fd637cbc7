// trouped: the server: one node with the built-in processors, its HTTP interface, and a clean end.
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "apps/trouped_access.hpp"
#include "apps/trouped_logging.hpp"
#include "apps/trouped_naming.hpp"
#include "apps/trouped_naming_duties.hpp"
#include "apps/trouped_options.hpp"
#include "groups/address.hpp"
#include "groups/node.hpp"
#include "http/config_history_trimmer.hpp"
#include "http/config_table.hpp"
#include "http/member_reports.hpp"
#include "http/server.hpp"
#include "processors/accounts.hpp"
#include "processors/configuration.hpp"
#include "processors/configuration_items.hpp"
#include "processors/key_value.hpp"
#include "processors/namespaces.hpp"
#include "processors/server_list.hpp"
#include "processors/string_list.hpp"

namespace {

using namespace troupe;

int complain(const start_failure& f) {
  std::fprintf(stderr, "trouped: --%s: %s\n", f.setting.c_str(), f.message.c_str());
  return apps::exit_environment;
}

node_options node_options_from(const apps::trouped_options& o) {
  node_options n;
  n.id = o.node_id;
  n.cluster = o.cluster;
  for (const auto& m : o.members) n.members[m.id] = m.address;
  n.listen = o.listen;
  n.data_directory = o.data_dir;
  n.election_timeout = std::chrono::milliseconds(o.election_timeout_ms);
  n.heartbeat = std::chrono::milliseconds(o.heartbeat_ms);
  n.join = o.join;
  n.election_priority = o.election_priority;
  n.quiesce_after = std::chrono::milliseconds(o.quiesce_after_ms);
  n.disk_stall_max = std::chrono::milliseconds(o.disk_stall_max_ms);
  n.lease_reads = o.lease_reads;
  n.log_entries_max = o.log_entries_max;
  n.log_entries_kept = o.log_entries_max / 20;
  n.log_bytes_max = std::uint64_t{o.log_mib_max} << 20U;
  n.snapshot_bytes_per_second = std::uint64_t{o.snapshot_mib_per_second} << 20U;
  n.threads = o.threads;
  return n;
}

http::server_options http_options_from(const apps::trouped_options& o) {
  http::server_options h;
  const auto at = groups::split_address(o.http).value();
  h.address = at.host;
  h.port = static_cast<std::uint16_t>(std::stoul(at.port));
  h.node = o.node_id;
  h.connections_max = o.http_connections_max;
  return h;
}

std::uint64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

http::history_retention retention_from(const apps::trouped_options& o) {
  http::history_retention r;
  r.kept = std::chrono::hours(24 * o.config_history_days);
  r.now_ms = now_ms;
  return r;
}

http::member_report_options reports_from(const apps::trouped_options& o) {
  http::member_report_options r;
  r.node = o.node_id;
  r.http_address = o.http_advertise;
  if (o.auth) r.identity = {o.auth_identity_key, o.auth_identity_value};
  r.now_ms = now_ms;
  return r;
}

/// Blocked before any thread starts, so that only wait_for_signal() sees them.
sigset_t block_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ends;
}

apps::naming_duties_options duties_from(const apps::trouped_options& o) {
  apps::naming_duties_options d;
  d.node = o.node_id;
  d.probes_max = o.health_probes_max;
  d.probes_per_host_max = o.health_probes_per_host_max;
  d.subscriptions_max = o.push_subscriptions_max;
  return d;
}

std::shared_ptr<processor> configuration_of_node(
    const apps::trouped_access& access, const std::shared_ptr<http::config_table>& configs,
    const std::shared_ptr<http::server_directory>& servers) {
  std::vector<processors::configuration::part_ptr> parts;
  parts.push_back(std::make_unique<processors::configuration_items>(configs));
  parts.push_back(std::make_unique<processors::namespaces>(access.namespaces));
  parts.push_back(std::make_unique<processors::accounts>(access.accounts));
  parts.push_back(std::make_unique<processors::server_list>(servers));
  return std::make_shared<processors::configuration>(std::move(parts));
}

void add_processors(node& n, const http::naming_services& naming,
                    const std::shared_ptr<processor>& configuration) {
  n.add(std::make_shared<processors::key_value>());
  n.add(std::make_shared<processors::string_list>());
  apps::add_naming_processors(n, naming);
  n.add(configuration);
}

int serve(const apps::trouped_options& options, const apps::trouped_access& access,
          const sigset_t& ends) {
  auto opened = node::open(node_options_from(options));
  if (!opened) return complain(opened.error());
  const std::shared_ptr<node> running = std::move(*opened);
  auto naming = apps::naming_services_of_node();
  const auto configs = std::make_shared<http::config_table>();
  apps::naming_duties duties(running, naming, duties_from(options));
  naming.subscriptions = duties.subscriptions();
  naming.health = duties.health();
  if (const auto& why = duties.push_failure(); !why.empty()) {
    spdlog::warn("changes of services are not pushed, clients poll: {}", why);
  }
  const auto servers = std::make_shared<http::server_directory>();
  add_processors(*running, naming, configuration_of_node(access, configs, servers));

  http::server web(running->io(), http_options_from(options), running,
                   {naming, access.services, configs, {servers, options.http_advertise, now_ms}});
  if (const auto started = web.start(); !started) {
    std::fprintf(stderr, "trouped: %s\n", started.error().message.c_str());
    duties.stop();
    running->stop();
    return apps::exit_environment;
  }
  const auto trimmer =
      http::config_history_trimmer::start(running->io(), running, retention_from(options));
  const auto reports =
      http::member_reports::open(running->io(), running, servers, reports_from(options));
  spdlog::info("node {} of cluster {}: peers and clients at {}, HTTP at {}, data in {}",
               to_string(options.node_id), options.cluster, options.listen, options.http,
               options.data_dir);
  int signal = 0;
  sigwait(&ends, &signal);
  spdlog::info("signal {}: handing leadership over and stopping", signal);
  running->hand_over_leadership();
  reports->stop();
  trimmer->stop();
  duties.stop();
  web.stop();
  running->stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = apps::parse(argc, argv);
  if (!options) {
    const auto& early = options.error();
    std::fputs(early.text.c_str(), early.exit_code == 0 ? stdout : stderr);
    return early.exit_code;
  }
  const auto ends = block_signals();
  if (const auto failed = apps::start_logging(*options); !failed.empty()) {
    std::fprintf(stderr, "trouped: --log-file: %s\n", failed.c_str());
    return apps::exit_environment;
  }
  const auto access = apps::access_from(*options);
  if (!access) {
    std::fprintf(stderr, "trouped: %s\n", access.error().c_str());
    return apps::exit_bad_setting;
  }
  apps::warn_about_access(*options);
  const int code = serve(*options, *access, ends);
  spdlog::shutdown();
  return code;
}
