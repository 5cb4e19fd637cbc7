#include "http/naming_bodies.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "http/text_forms.hpp"

namespace troupe::http {

namespace {

namespace naming = processors::naming;
using json = nlohmann::ordered_json;

response json_answer(const json& body) {
  return {200,
          body.dump(-1, ' ', false, json::error_handler_t::replace),
          "application/json;charset=UTF-8",
          {}};
}

std::string_view value_of(const naming::metadata& metadata, std::string_view key) {
  for (const auto& [name, value] : metadata) {
    if (name == key) return value;
  }
  return {};
}

std::uint64_t number_of(const naming::metadata& metadata, std::string_view key,
                        std::uint64_t otherwise) {
  return parse_number(value_of(metadata, key), 0, INT64_MAX).value_or(otherwise);
}

json metadata_of(const naming::instance& i) {
  json out = json::object();
  for (const auto& [key, value] : i.metadata) out[std::string(key)] = value;
  return out;
}

json host(const naming::service& service, const naming::instance& i) {
  const auto generator = value_of(i.metadata, "preserved.instance.id.generator");
  json out = json::object();
  out["instanceId"] = naming::instance_id(service, i);
  out["ip"] = i.ip;
  out["port"] = i.port;
  out["weight"] = i.weight;
  out["healthy"] = i.healthy;
  out["enabled"] = i.enabled;
  out["ephemeral"] = false;
  out["clusterName"] = i.cluster;
  out["serviceName"] = naming::grouped_name(service);
  out["metadata"] = metadata_of(i);
  out["instanceHeartBeatInterval"] = number_of(i.metadata, "preserved.heart.beat.interval", 5'000);
  out["instanceHeartBeatTimeOut"] = number_of(i.metadata, "preserved.heart.beat.timeout", 15'000);
  out["ipDeleteTimeout"] = number_of(i.metadata, "preserved.ip.delete.timeout", 30'000);
  out["instanceIdGenerator"] = generator.empty() ? "simple" : generator;
  return out;
}

}  // namespace

response service_info(const naming::service& service, std::string_view clusters, bool healthy_only,
                      const naming::instances_reply& found) {
  json hosts = json::array();
  for (const auto& i : found.instances) {
    if (i.enabled && (i.healthy || !healthy_only)) hosts.push_back(host(service, i));
  }
  json out = json::object();
  out["name"] = naming::grouped_name(service);
  out["groupName"] = service.service_group;
  out["clusters"] = clusters;
  out["cacheMillis"] = cache_ms;
  out["hosts"] = std::move(hosts);
  // Rises with each change of the service and only then: clients drop what is not newer.
  out["lastRefTime"] = found.changed_ms;
  out["checksum"] = "";
  out["allIPs"] = false;
  out["reachProtectionThreshold"] = false;
  out["valid"] = true;
  return json_answer(out);
}

response instance_info(const naming::service& service, const naming::instance& i) {
  json out = json::object();
  out["service"] = naming::grouped_name(service);
  out["ip"] = i.ip;
  out["port"] = i.port;
  out["clusterName"] = i.cluster;
  out["weight"] = i.weight;
  out["healthy"] = i.healthy;
  out["instanceId"] = naming::instance_id(service, i);
  out["metadata"] = metadata_of(i);
  return json_answer(out);
}

response instance_page(const naming::service& service,
                       const std::vector<naming::instance>& instances, std::uint64_t page_number,
                       std::uint64_t page_size) {
  json list = json::array();
  const std::uint64_t count = instances.size();
  // Page sizes and numbers are at most 2^31, so that this cannot overflow.
  const auto first = std::min(count, (page_number - 1) * page_size);
  const auto last = std::min(count, first + page_size);
  for (auto i = first; i < last; ++i) list.push_back(host(service, instances[i]));
  json out = json::object();
  out["list"] = std::move(list);
  out["count"] = count;
  return json_answer(out);
}

}  // namespace troupe::http
