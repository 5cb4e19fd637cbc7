#include "apps/trouped_naming_duties.hpp"

#include <chrono>
#include <random>
#include <vector>

#include "groups/node_internals.hpp"
#include "http/naming_parameters.hpp"
#include "naming/health_entry.hpp"
#include "naming/service_info.hpp"
#include "naming/socket_prober.hpp"
#include "naming/sweeper.hpp"
#include "processors/persistent_instances.hpp"

namespace troupe::apps {

namespace {

constexpr std::chrono::seconds flip_timeout{5};
constexpr std::chrono::seconds beat_interval{1};
constexpr std::chrono::seconds sweep_interval{5};

std::uint64_t now_ms() {
  using std::chrono::milliseconds;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(since).count());
}

/// Requests are numbered from chance on, so that a restarted node uses none again.
auto proposer(const std::shared_ptr<node>& on, raft::node_id self) {
  const auto request = std::make_shared<std::atomic<std::uint64_t>>(std::random_device{}());
  // Weakly: the checker's actor lives in the node.
  return [weak = std::weak_ptr(on), self, request](const std::vector<naming::health_flip>& flips,
                                                   completion done) {
    const auto node = weak.lock();
    if (!node) {
      return done(raft::unexpected(error{error_code::shutting_down, "the node is stopping", {}}));
    }
    propose_options options;
    options.timeout = flip_timeout;
    const processors::naming::stamp stamp{now_ms(), ++*request, self};
    node->group(std::string(processors::persistent_instances::group_name))
        .propose(raft::bytes(naming::encode_health_entry(flips, stamp)), options, std::move(done));
  };
}

naming::health_checker_options checker_options(const std::shared_ptr<node>& on,
                                               std::shared_ptr<naming::catalogue> services,
                                               const naming::switches& switches,
                                               const naming_duties_options& o) {
  naming::health_checker_options c;
  c.probes_open_max = o.probes_max;
  c.probes_per_host_max = o.probes_per_host_max;
  c.seed = std::random_device{}();
  c.switches = naming::probe_switches_of(switches);
  c.services = std::move(services);
  c.probes = std::make_shared<naming::socket_prober>(on->io(), naming::socket_prober_options{});
  c.propose = proposer(on, o.node);
  return c;
}

naming::push_options push_options_from(const std::shared_ptr<naming::catalogue>& services,
                                       const std::shared_ptr<naming::switch_board>& switches,
                                       const naming_duties_options& o) {
  naming::push_options p;
  p.limits.subscriptions_max = o.subscriptions_max;
  p.services = services;
  p.switches = naming::push_switches_of(*switches->now());
  p.render = [services, switches](const naming::service_key& key, const naming::service_ptr& shown,
                                  std::string_view clusters) {
    naming::info_frame frame;
    frame.clusters = clusters;
    frame.cache_ms = switches->now()->push_cache_ms;
    frame.reference_ms = services->reference_time(key, shown, now_ms());
    const auto chosen = naming::select(shown.get(), http::split_clusters(clusters), false);
    return naming::service_info(key, chosen, frame);
  };
  return p;
}

std::unique_ptr<naming::periodic> sweeping(const std::shared_ptr<node>& on,
                                           const std::shared_ptr<naming::catalogue>& services,
                                           const naming_duties_options& options) {
  naming::sweeper::options o;
  o.node = options.node;
  o.first_request = std::random_device{}();
  const auto sweeps = std::make_shared<naming::sweeper>(
      services, o,
      [weak = std::weak_ptr(on)](std::string_view group, raft::bytes entry, completion done) {
        if (const auto node = weak.lock()) {
          node->group(std::string(group)).propose(std::move(entry), {}, std::move(done));
        }
      });
  return std::make_unique<naming::periodic>(on->io(), sweep_interval,
                                            [sweeps] { sweeps->sweep(now_ms()); });
}

}  // namespace

naming_duties::naming_duties(const std::shared_ptr<node>& on, const http::naming_services& naming,
                             const naming_duties_options& options) {
  const auto& services = naming.catalogue;
  const auto& switches = naming.switches;
  auto& system = on->inside().system();
  auto p = push_options_from(services, switches, options);
  const auto hears = std::make_shared<std::weak_ptr<naming::push>>();
  const auto socket =
      std::make_shared<naming::udp_push_socket>(on->io(), [hears](const auto& from, auto datagram) {
        if (const auto push = hears->lock()) push->heard(from, datagram);
      });
  p.socket = socket;
  push_ = std::make_shared<naming::push>(system, std::move(p));
  *hears = push_;
  push_failure_ = socket->open();
  checker_ = std::make_shared<naming::health_checker>(
      system, checker_options(on, services, *switches->now(), options));
  switches->watch([push = std::weak_ptr(push_),
                   checker = std::weak_ptr(checker_)](const naming::switches_ptr& all) {
    if (const auto to = push.lock()) to->use(naming::push_switches_of(*all));
    if (const auto to = checker.lock()) to->use(naming::probe_switches_of(*all));
  });
  beats_ = std::make_unique<naming::periodic>(on->io(), beat_interval,
                                              [in = naming.ephemeral] { in->check(); });
  sweeps_ = sweeping(on, services, options);
}

naming_duties::~naming_duties() {
  stop();
}

std::function<naming::health_counts()> naming_duties::health() const {
  return [weak = std::weak_ptr(checker_)] {
    const auto checker = weak.lock();
    return checker ? checker->counts() : naming::health_counts{};
  };
}

void naming_duties::stop() {
  sweeps_.reset();
  beats_.reset();
  checker_->stop();
  push_->stop();
}

}  // namespace troupe::apps
