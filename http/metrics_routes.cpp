// What Prometheus scrapes: /metrics, and Nacos's own address for it. nacos-spec A.11. Only figures
// that exist are told: no zero stands for what nobody counts.
#include <prometheus/text_serializer.h>

#include <sstream>

#include "http/config_table.hpp"
#include "http/metrics_sources.hpp"
#include "http/routes.hpp"
#include "processors/persistent_instances.hpp"

namespace troupe::http {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

using labels = std::vector<ClientMetric::Label>;

void add(MetricFamily& family, labels with, double value) {
  ClientMetric m;
  m.label = std::move(with);
  m.gauge.value = value;
  family.metric.push_back(std::move(m));
}

MetricFamily gauges(std::string name, std::string help) {
  MetricFamily f;
  f.name = std::move(name);
  f.help = std::move(help);
  f.type = prometheus::MetricType::Gauge;
  return f;
}

double number(std::uint64_t value) {
  return static_cast<double>(value);
}

/// Prometheus counts up: each bucket holds what those below it do.
ClientMetric::Histogram histogram_of(const actors::latencies& took) {
  ClientMetric::Histogram h;
  for (std::size_t i = 0; i < took.counts.size(); ++i) {
    h.sample_count += took.counts[i];
    if (i == actors::latencies::bounds.size()) break;
    const auto bound = std::chrono::duration<double>(actors::latencies::bounds[i]);
    h.bucket.push_back({h.sample_count, bound.count()});
  }
  h.sample_sum = std::chrono::duration<double>(took.sum).count();
  return h;
}

MetricFamily write_stages_of(const node_status& node) {
  MetricFamily f;
  f.name = "troupe_write_stage_seconds";
  f.help = "How long writes were in each stage on this node";
  f.type = prometheus::MetricType::Histogram;
  for (const auto& s : node.write_stages) {
    ClientMetric m;
    m.label = {{"stage", s.stage}};
    m.histogram = histogram_of(s.took);
    f.metric.push_back(std::move(m));
  }
  return f;
}

MetricFamily made_way_of(const node_status& node) {
  MetricFamily f;
  f.name = "troupe_leaderships_made_way_total";
  f.help = "Leaderships that this node gave away because the disk of its log hung";
  f.type = prometheus::MetricType::Counter;
  f.metric.emplace_back().counter.value = number(node.made_way);
  return f;
}

/// One family a figure, one line a group.
struct group_figure {
  const char* name;
  const char* help;
  double (*of)(const group_status& g);
};

constexpr group_figure group_figures[] = {
    {"troupe_group_available", "1 while the group's member on this node runs",
     [](const group_status& g) { return g.available ? 1.0 : 0.0; }},
    {"troupe_group_leader", "1 when this node leads the group",
     [](const group_status& g) { return g.core.soft.role == raft::role::leader ? 1.0 : 0.0; }},
    {"troupe_group_leader_known", "1 when the group's leader is known here",
     [](const group_status& g) { return g.core.soft.leader.is_none() ? 0.0 : 1.0; }},
    {"troupe_group_term", "Term of the group",
     [](const group_status& g) { return number(g.core.soft.term.value()); }},
    {"troupe_group_first_log_index", "First entry that the log holds",
     [](const group_status& g) { return number(g.core.first.value()); }},
    {"troupe_group_last_log_index", "Last entry of the log",
     [](const group_status& g) { return number(g.core.last.value()); }},
    {"troupe_group_stable_index", "Last entry that is durable on this node",
     [](const group_status& g) { return number(g.core.stable.value()); }},
    {"troupe_group_commit_index", "Last committed entry",
     [](const group_status& g) { return number(g.core.commit.value()); }},
    {"troupe_group_applied_index", "Last applied entry",
     [](const group_status& g) { return number(g.core.applied.value()); }},
    {"troupe_group_pending_proposals", "Proposals that wait for their answer",
     [](const group_status& g) { return number(g.pending_proposals); }},
    {"troupe_group_apply_longest_seconds",
     "Longest that a batch of entries was with the processor, of the last ten seconds",
     [](const group_status& g) { return std::chrono::duration<double>(g.apply_longest).count(); }},
    {"troupe_group_members", "Members of the group, learners included",
     [](const group_status& g) { return number(g.core.peers.members().size()); }},
};

std::vector<MetricFamily> families_of_groups(const node_status& node) {
  std::vector<MetricFamily> all;
  for (const auto& figure : group_figures) {
    auto f = gauges(figure.name, figure.help);
    for (const auto& g : node.groups) {
      // Of a group that is being restarted nothing is known but that.
      if (g.available || &figure == group_figures) add(f, {{"group", g.name}}, figure.of(g));
    }
    all.push_back(std::move(f));
  }
  return all;
}

/// The monitors that Nacos has, under its names.
MetricFamily monitors(const node_status& node, const metrics_sources& from) {
  auto f = gauges("nacos_monitor", "Figures under the names that Nacos gives them");
  const auto monitor = [&f](const char* module, const char* name, double value) {
    add(f, {{"module", module}, {"name", name}}, value);
  };
  for (const auto& g : node.groups) {
    if (g.name != processors::persistent_instances::group_name) continue;
    monitor("naming", "leaderStatus", g.core.soft.role == raft::role::leader ? 1 : 0);
  }
  const auto counts = from.naming.catalogue->counts();
  monitor("naming", "serviceCount", number(counts.services));
  monitor("naming", "ipCount", number(counts.instances));
  if (from.naming.subscriptions) {
    const auto pushed = from.naming.subscriptions->counts();
    monitor("naming", "subscriberCount", number(pushed.subscribers));
    monitor("naming", "totalPush", number(pushed.pushed));
    monitor("naming", "failedPush", number(pushed.failed));
    monitor("naming", "maxPushCost", number(pushed.cost_ms_max));
    if (pushed.acked > 0) {
      monitor("naming", "avgPushCost", number(pushed.cost_ms_total) / number(pushed.acked));
    }
  }
  monitor("config", "configCount", number(from.configs->size()));
  return f;
}

// ---- what the node does for services by itself -------------------------------------------------

template <class Counts>
struct figure {
  const char* name;
  const char* help;
  prometheus::MetricType type;
  double (*of)(const Counts& c);
};

constexpr auto gauge = prometheus::MetricType::Gauge;
constexpr auto counter = prometheus::MetricType::Counter;

constexpr figure<naming::health_counts> health_figures[] = {
    {"troupe_health_active", "1 on the node that probes the persistent instances", gauge,
     [](const auto& c) { return c.active ? 1.0 : 0.0; }},
    {"troupe_health_instances", "Instances that this node probes", gauge,
     [](const auto& c) { return number(c.instances); }},
    {"troupe_health_targets", "Addresses with a checker behind them", gauge,
     [](const auto& c) { return number(c.targets); }},
    {"troupe_health_probes_open", "Probes under way", gauge,
     [](const auto& c) { return number(c.open); }},
    {"troupe_health_probes_waiting", "Targets that are due and wait for their turn", gauge,
     [](const auto& c) { return number(c.waiting); }},
    {"troupe_health_probes_total", "Probes begun", counter,
     [](const auto& c) { return number(c.probes); }},
    {"troupe_health_flips_total", "Changes of health that were committed", counter,
     [](const auto& c) { return number(c.flips); }},
    {"troupe_health_flips_failed_total", "Changes of health that were not", counter,
     [](const auto& c) { return number(c.flips_failed); }},
};

constexpr figure<naming::push_counts> push_figures[] = {
    {"troupe_push_subscribers", "Clients that are pushed to", gauge,
     [](const auto& c) { return number(c.subscribers); }},
    {"troupe_push_subscriptions", "Pairs of client and service", gauge,
     [](const auto& c) { return number(c.subscriptions); }},
    {"troupe_pushes_total", "Pushes to one client each, without repetitions", counter,
     [](const auto& c) { return number(c.pushed); }},
    {"troupe_pushes_acknowledged_total", "Pushes that were acknowledged", counter,
     [](const auto& c) { return number(c.acked); }},
    {"troupe_pushes_repeated_total", "Pushes that were sent again", counter,
     [](const auto& c) { return number(c.repeated); }},
    {"troupe_pushes_failed_total", "Pushes that nobody acknowledged", counter,
     [](const auto& c) { return number(c.failed); }},
    {"troupe_pushes_skipped_total", "Lists that fit into no datagram", counter,
     [](const auto& c) { return number(c.skipped); }},
};

template <class Counts, std::size_t count>
void add_figures(std::vector<MetricFamily>& all, const figure<Counts> (&figures)[count],
                 const Counts& of) {
  for (const auto& figure : figures) {
    MetricFamily f{figure.name, figure.help, figure.type, {ClientMetric{}}};
    auto& m = f.metric.front();
    (figure.type == counter ? m.counter.value : m.gauge.value) = figure.of(of);
    all.push_back(std::move(f));
  }
}

std::string text_of(const node_status& node, const metrics_sources& from) {
  auto all = families_of_groups(node);
  if (!node.write_stages.empty()) all.push_back(write_stages_of(node));
  all.push_back(made_way_of(node));
  all.push_back(monitors(node, from));
  auto connections = gauges("troupe_http_connections", "Open HTTP connections");
  add(connections, {}, number(from.connections()));
  all.push_back(std::move(connections));
  if (from.naming.health) add_figures(all, health_figures, from.naming.health());
  if (from.naming.subscriptions) {
    add_figures(all, push_figures, from.naming.subscriptions->counts());
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, all);
  return out.str();
}

}  // namespace

void add_metrics_routes(router& routes, const view_ptr& view, const metrics_sources& from) {
  for (const auto* path : {"/metrics", "/nacos/actuator/prometheus"}) {
    routes.add("GET", path, [view, from](const exchange_ptr& call, const std::string&) {
      view->status([call, from](const node_status& node) {
        call->respond({200, text_of(node, from), "text/plain; version=0.0.4; charset=utf-8", {}});
      });
    });
  }
}

}  // namespace troupe::http
