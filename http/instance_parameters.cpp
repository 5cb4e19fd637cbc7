#include "http/instance_parameters.hpp"

#include <charconv>

#include "http/json_body.hpp"
#include "http/naming_text.hpp"
#include "naming/beat_times.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::json;
using processors::naming::metadata_edit;

std::optional<double> read_number(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

naming_read<std::optional<double>> read_weight(const naming_parameters& p,
                                               const naming_dialect& says) {
  const auto text = p.find("weight");
  if (!text) return std::optional<double>();
  const auto weight = read_number(*text);
  if (weight && *weight >= 0 && *weight <= processors::naming::weight_max) return weight;
  return raft::unexpected(
      says.refused(weight ? nacos_code::weight_error : nacos_code::parameter_validate_error,
                   "instance format invalid: The weights range from 0.0 to 10000.0"));
}

std::optional<bool> read_enabled(const naming_parameters& p) {
  const auto enabled = p.flag("enabled");
  return enabled ? enabled : p.flag("enable");
}

naming_read<naming::text_map> metadata_of(const naming_parameters& p, const naming_dialect& says) {
  auto metadata = read_metadata(p);
  if (metadata) return metadata;
  return raft::unexpected(
      says.dressed(std::move(metadata.error()), nacos_code::instance_metadata_error));
}

/// Neither timeout may be shorter than the heart-beat interval. nacos-spec C.2.
bool beats_in_time(const naming::text_map& metadata) {
  const auto times = naming::beat_times::of(metadata);
  return times.unhealthy_after_ms >= times.interval_ms &&
         times.removed_after_ms >= times.interval_ms;
}

std::optional<response> check_rules(const naming::host& h, const naming_dialect& says) {
  if (!beats_in_time(h.metadata)) {
    return says.refused(nacos_code::instance_error,
                        "Instance 'heart beat interval' must less than 'heart beat timeout' and "
                        "'ip delete timeout'.");
  }
  if (!is_cluster_name(h.cluster)) {
    return says.refused(nacos_code::instance_error,
                        "Instance 'clusterName' should be characters with only 0-9a-zA-Z-. "
                        "(current: " +
                            h.cluster + ")");
  }
  return std::nullopt;
}

/// Clients write numbers and booleans as such or as texts. nacos-spec C.4.4.
std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

void append(std::string& form, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  form.append(form.empty() ? "" : "&").append(name).append("=").append(percent_encode(value));
}

/// What a full beat says, as the parameters of a registration, so that the same rules hold.
naming_read<naming_parameters> parameters_of(const json& beat, const naming_parameters& p) {
  std::string form;
  for (const auto* kept : {"serviceName", "groupName", "namespaceId"}) {
    append(form, kept, p.find(kept).value_or(""));
  }
  const auto cluster = text_at(beat, "cluster");
  append(form, "clusterName",
         cluster.empty() ? p.find("clusterName").value_or("") : std::string_view(cluster));
  for (const auto* key : {"ip", "port", "weight", "metadata"})
    append(form, key, text_at(beat, key));
  request r;
  r.query = form;
  return naming_parameters::of(r);
}

}  // namespace

naming_read<registration> read_identity(const naming_parameters& p, const naming_dialect& says) {
  for (const auto* name : {"serviceName", "ip", "port"}) {
    if (!p.find(name)) return raft::unexpected(says.missing(name));
  }
  auto service = read_service(p);
  if (!service) {
    return raft::unexpected(
        says.dressed(std::move(service.error()), nacos_code::service_name_error));
  }
  const auto port = parse_number(*p.find("port"), 0, UINT16_MAX);
  if (!port) {
    return raft::unexpected(says.refused(nacos_code::parameter_validate_error,
                                         "Param 'port' is illegal, the value should be between 0 "
                                         "and 65535."));
  }
  registration r;
  r.service = std::move(*service);
  r.instance.ip = *p.find("ip");
  r.instance.port = static_cast<std::uint16_t>(*port);
  r.instance.cluster = p.find("clusterName").value_or(p.find("cluster").value_or("DEFAULT"));
  r.ephemeral = p.flag("ephemeral");
  return r;
}

naming_read<registration> read_registration(const naming_parameters& p,
                                            const naming_dialect& says) {
  auto read = read_identity(p, says);
  if (!read) return read;
  auto& h = read->instance;
  auto metadata = metadata_of(p, says);
  if (!metadata) return raft::unexpected(std::move(metadata.error()));
  h.metadata = std::move(*metadata);
  if (auto bad = check_rules(h, says)) return raft::unexpected(std::move(*bad));
  const auto weight = read_weight(p, says);
  if (!weight) return raft::unexpected(weight.error());
  h.weight = weight->value_or(1);
  h.healthy = p.flag("healthy").value_or(true);
  h.enabled = read_enabled(p).value_or(true);
  return read;
}

naming_read<naming::overlay_change> read_patch(const naming_parameters& p,
                                               const naming_dialect& says) {
  naming::overlay_change change;
  const auto weight = read_weight(p, says);
  if (!weight) return raft::unexpected(weight.error());
  change.weight = *weight;
  change.enabled = read_enabled(p);
  if (!p.find("metadata")) return change;
  auto metadata = metadata_of(p, says);
  if (!metadata) return raft::unexpected(std::move(metadata.error()));
  change.edit = metadata_edit::replace;
  change.metadata = std::move(*metadata);
  return change;
}

naming_read<sign_of_life> read_beat(const naming_parameters& p, const naming_dialect& says) {
  if (!p.find("serviceName")) return raft::unexpected(says.missing("serviceName"));
  sign_of_life out;
  auto from = p;
  if (const auto text = p.find("beat")) {
    const auto beat = parse_json(*text);
    if (!beat.is_object()) {
      return raft::unexpected(says.refused(nacos_code::parameter_validate_error,
                                           "Param 'beat' is illegal, it should be a JSON object."));
    }
    const auto parameters = parameters_of(beat, p);
    if (!parameters) return raft::unexpected(parameters.error());
    if (auto bad = check_parameters(*parameters)) return raft::unexpected(std::move(*bad));
    from = *parameters;
    out.registers = from;
  }
  auto service = read_service(from);
  if (!service) {
    return raft::unexpected(
        says.dressed(std::move(service.error()), nacos_code::service_name_error));
  }
  out.service = std::move(*service);
  out.ip = from.find("ip").value_or("");
  out.port = static_cast<std::uint16_t>(
      parse_number(from.find("port").value_or("0"), 0, UINT16_MAX).value_or(0));
  return out;
}

std::optional<std::vector<batch_target>> read_targets(const naming_parameters& p) {
  const auto parsed = parse_json(p.find("instances").value_or(""));
  if (!parsed.is_array() || parsed.empty()) return std::nullopt;
  std::vector<batch_target> out;
  for (const auto& each : parsed) {
    // Nacos takes what it cannot read as if it were not there; part of a list is no list.
    if (!each.is_object()) return std::nullopt;
    const auto port = parse_number(text_at(each, "port"), 0, UINT16_MAX);
    if (!port) return std::nullopt;
    const auto cluster = text_at(each, "clusterName");
    out.push_back({text_at(each, "ip"), static_cast<std::uint16_t>(*port),
                   cluster.empty() ? "DEFAULT" : cluster});
  }
  return out;
}

}  // namespace troupe::http
