#include "naming/service_info.hpp"

#include <algorithm>

#include "naming/beat_times.hpp"
#include "naming/json_text.hpp"

namespace troupe::naming {

namespace {

constexpr std::size_t bytes_a_host = 400;  // of one without much metadata
constexpr const char* generator_key = "preserved.instance.id.generator";

const char* text_of(bool b) {
  return b ? "true" : "false";
}

void append(std::string& out, const char* before, std::string_view text) {
  out += before;
  append_json(out, text);
}

void append(std::string& out, const char* before, std::uint64_t number) {
  out.append(before).append(std::to_string(number));
}

void append_hosts(std::string& out, const service_key& key, const selection& chosen) {
  out += '[';
  const char* separator = "";
  for (const auto& h : chosen.hosts) {
    out += separator;
    append_host(out, key, *h, h->healthy || chosen.protects);
    separator = ",";
  }
  out += ']';
}

}  // namespace

selection select(const service* s, const std::vector<std::string>& clusters, bool healthy_only) {
  selection out;
  if (!s) return out;
  std::size_t healthy = 0;
  for (const auto& h : s->hosts) {
    if (!h->enabled || (healthy_only && !h->healthy)) continue;
    if (!clusters.empty() &&
        std::find(clusters.begin(), clusters.end(), h->cluster) == clusters.end()) {
      continue;
    }
    healthy += static_cast<std::size_t>(h->healthy);
    out.hosts.push_back(h);
  }
  // nacos-spec C.12.5: only where somebody set a threshold, if only by creating the service.
  if (!s->settings || out.hosts.empty()) return out;
  const auto share = static_cast<double>(healthy) / static_cast<double>(out.hosts.size());
  out.protects = share <= std::max(0.0, s->settings->protect_threshold);
  return out;
}

void append_host(std::string& out, const service_key& key, const host& h, bool shown_healthy) {
  const auto times = beat_times::of(h.metadata);
  const auto generator = h.metadata.find(generator_key);
  append(out, R"({"instanceId":)", h.instance_id(key));
  append(out, R"(,"ip":)", h.ip);
  append(out, R"(,"port":)", std::uint64_t{h.port});
  out += R"(,"weight":)";
  append_json(out, h.weight);
  out.append(R"(,"healthy":)").append(text_of(shown_healthy));
  out.append(R"(,"enabled":)").append(text_of(h.enabled));
  out.append(R"(,"ephemeral":)").append(text_of(h.ephemeral));
  append(out, R"(,"clusterName":)", h.cluster);
  append(out, R"(,"serviceName":)", key.grouped());
  out += R"(,"metadata":)";
  append_json(out, h.metadata);
  append(out, R"(,"instanceHeartBeatInterval":)", times.interval_ms);
  append(out, R"(,"instanceHeartBeatTimeOut":)", times.unhealthy_after_ms);
  append(out, R"(,"ipDeleteTimeout":)", times.removed_after_ms);
  const bool named = generator != h.metadata.end() && !generator->second.empty();
  append(out, R"(,"instanceIdGenerator":)", named ? std::string_view(generator->second) : "simple");
  out += '}';
}

std::string hosts_info(const service_key& key, const selection& chosen) {
  std::string out;
  out.reserve(bytes_a_host * (chosen.hosts.size() + 1));
  append_hosts(out, key, chosen);
  return out;
}

std::string service_info(const service_key& key, const selection& chosen, const info_frame& frame) {
  std::string out;
  out.reserve(bytes_a_host * (chosen.hosts.size() + 1));
  append(out, R"({"name":)", key.grouped());
  append(out, R"(,"groupName":)", key.service_group);
  append(out, R"(,"clusters":)", frame.clusters);
  append(out, R"(,"cacheMillis":)", frame.cache_ms);
  out += R"(,"hosts":)";
  append_hosts(out, key, chosen);
  append(out, R"(,"lastRefTime":)", frame.reference_ms);
  out += R"(,"checksum":"","allIPs":false,"reachProtectionThreshold":)";
  out.append(text_of(chosen.protects)).append(R"(,"valid":true})");
  return out;
}

}  // namespace troupe::naming
