// trouped: the server: one node with the built-in processors, its HTTP interface, and a clean end.
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "apps/trouped_logging.hpp"
#include "apps/trouped_options.hpp"
#include "apps/trouped_sweeping.hpp"
#include "groups/address.hpp"
#include "groups/node.hpp"
#include "http/server.hpp"
#include "naming/periodic.hpp"
#include "processors/instance_metadata.hpp"
#include "processors/key_value.hpp"
#include "processors/naming_switches.hpp"
#include "processors/persistent_instances.hpp"
#include "processors/service_metadata.hpp"
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
  n.lease_reads = o.lease_reads;
  n.log_entries_max = o.log_entries_max;
  n.log_entries_kept = o.log_entries_max / 20;
  n.log_bytes_max = std::uint64_t{o.log_mib_max} << 20U;
  n.snapshot_bytes_per_second = std::uint64_t{o.snapshot_mib_per_second} << 20U;
  n.io_threads = o.io_threads;
  n.scheduler_threads = o.scheduler_threads;
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

std::uint64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

http::naming_services naming_services_of_node() {
  http::naming_services s;
  s.catalogue = std::make_shared<naming::catalogue>();
  s.ephemeral = std::make_shared<naming::ephemeral_instances>(s.catalogue, steady_ms);
  s.switches = std::make_shared<naming::switch_board>();
  return s;
}

/// One whose group tells the catalogue what it commits.
template <class Processor>
void add_observed(node& n, const http::naming_services& naming) {
  const auto p = std::make_shared<Processor>();
  p->observe(naming.catalogue);
  n.add(p);
}

void add_processors(node& n, const http::naming_services& naming) {
  n.add(std::make_shared<processors::key_value>());
  n.add(std::make_shared<processors::string_list>());
  add_observed<processors::persistent_instances>(n, naming);
  add_observed<processors::service_metadata>(n, naming);
  add_observed<processors::instance_metadata>(n, naming);
  const auto switches = std::make_shared<processors::naming_switches>();
  switches->observe([on = naming.switches](auto agreed) { on->agreed(std::move(agreed)); });
  n.add(switches);
}

int serve(const apps::trouped_options& options, const sigset_t& ends) {
  auto opened = node::open(node_options_from(options));
  if (!opened) return complain(opened.error());
  const std::shared_ptr<node> running = std::move(*opened);
  const auto naming = naming_services_of_node();
  add_processors(*running, naming);
  const naming::periodic beats_are_due(running->io(), std::chrono::seconds(1),
                                       [in = naming.ephemeral] { in->check(); });
  auto sweeping = apps::start_sweeping(running, naming.catalogue, options.node_id);

  http::server web(running->io(), http_options_from(options), running, naming);
  if (const auto started = web.start(); !started) {
    std::fprintf(stderr, "trouped: %s\n", started.error().message.c_str());
    running->stop();
    return apps::exit_environment;
  }
  spdlog::info("node {} of cluster {}: peers and clients at {}, HTTP at {}, data in {}",
               to_string(options.node_id), options.cluster, options.listen, options.http,
               options.data_dir);
  int signal = 0;
  sigwait(&ends, &signal);
  spdlog::info("signal {}: handing leadership over and stopping", signal);
  running->hand_over_leadership();
  sweeping.reset();
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
  const int code = serve(*options, ends);
  spdlog::shutdown();
  return code;
}
