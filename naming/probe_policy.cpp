#include "naming/probe_policy.hpp"

namespace troupe::naming {

namespace {

bool is_probed(std::string_view checker_type) {
  return checker_type == "TCP" || checker_type == "HTTP" || checker_type == "MYSQL";
}

/// Without settings of its cluster an instance is probed by TCP at its own port. C.13.2.
processors::naming::cluster_settings settings_of(const service& s, const std::string& cluster) {
  if (!s.settings) return {};
  const auto found = s.settings->clusters.find(cluster);
  return found == s.settings->clusters.end() ? processors::naming::cluster_settings{}
                                             : found->second;
}

pace_limits pace_of(const processors::naming::probe_interval& i) {
  return {static_cast<double>(i.max_ms), static_cast<double>(i.min_ms), i.factor};
}

}  // namespace

probe_switches probe_switches_of(const processors::naming::switches& all) {
  probe_switches out;
  out.enabled = all.health_check_enabled;
  out.times = all.check_times;
  out.tcp = pace_of(all.tcp_health);
  out.http = pace_of(all.http_health);
  out.mysql = pace_of(all.mysql_health);
  return out;
}

const pace_limits& probe_switches::limits_of(std::string_view checker_type) const {
  if (checker_type == "HTTP") return http;
  return checker_type == "MYSQL" ? mysql : tcp;
}

std::optional<probe_target> target_of(const service& s, const host& h,
                                      const probe_switches& switches) {
  if (h.ephemeral || !h.enabled) return std::nullopt;
  if (!switches.enabled && !switches.white_list.contains(s.key.grouped())) return std::nullopt;
  auto settings = settings_of(s, h.cluster);
  if (!is_probed(settings.checker.type)) return std::nullopt;
  const auto port = settings.use_instance_port ? h.port : settings.check_port;
  if (port == 0) return std::nullopt;  // names no server
  return probe_target{h.ip, port, std::move(settings.checker)};
}

}  // namespace troupe::naming
