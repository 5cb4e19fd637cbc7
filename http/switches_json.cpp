#include "http/switches_json.hpp"

#include <string>
#include <utility>

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;
using processors::naming::switches;

constexpr const char* domain_name = "00-00---000-NACOS_SWITCH_DOMAIN-000---00-00";

json interval(const processors::naming::probe_interval& p) {
  return json{{"max", p.max_ms}, {"min", p.min_ms}, {"factor", p.factor}};
}

std::string version_of(const switches& s, const char* language) {
  const auto found = s.push_versions.find(language);
  return found == s.push_versions.end() ? std::string() : found->second;
}

/// What is kept for those who read it.
void add_kept(json& out, const switches& s) {
  out["masters"] = s.masters.empty() ? json(nullptr) : json(s.masters);
  out["adWeightMap"] = json::object();
  out["incrementalList"] = json::array();
  out["autoChangeHealthCheckEnabled"] = s.auto_change_health_check_enabled;
  out["serviceStatusSynchronizationPeriodMillis"] = s.service_status_period_ms;
  out["serverStatusSynchronizationPeriodMillis"] = s.server_status_period_ms;
  out["distroEnabled"] = s.distro_enabled;
  out["distroThreshold"] = s.distro_threshold;
  out["distroServerExpiredMillis"] = s.distro_server_expired_ms;
  out["enableStandalone"] = s.enable_standalone;
  out["enableAuthentication"] = false;
  out["disableAddIP"] = s.disable_add_ip;
  out["sendBeatOnly"] = s.send_beat_only;
}

}  // namespace

json switches_json(const switches& s) {
  json out = json::object();
  out["name"] = domain_name;
  out["healthCheckEnabled"] = s.health_check_enabled;
  out["healthCheckWhiteList"] = json::array();
  out["checkTimes"] = s.check_times;
  out["tcpHealthParams"] = interval(s.tcp_health);
  out["httpHealthParams"] = interval(s.http_health);
  out["mysqlHealthParams"] = interval(s.mysql_health);
  out["pushEnabled"] = s.push_enabled;
  out["defaultPushCacheMillis"] = s.push_cache_ms;
  out["defaultCacheMillis"] = s.default_cache_ms;
  out["clientBeatInterval"] = s.client_beat_interval_ms;
  out["defaultInstanceEphemeral"] = s.default_instance_ephemeral;
  out["lightBeatEnabled"] = s.light_beat_enabled;
  out["overriddenServerStatus"] =
      s.overridden_server_status.empty() ? json(nullptr) : json(s.overridden_server_status);
  out["limitedUrlMap"] = json(s.limited_urls);
  out["pushJavaVersion"] = version_of(s, "java");
  out["pushGoVersion"] = version_of(s, "go");
  out["pushPythonVersion"] = version_of(s, "python");
  out["pushCVersion"] = version_of(s, "c");
  out["pushCSharpVersion"] = version_of(s, "csharp");
  add_kept(out, s);
  return out;
}

}  // namespace troupe::http
