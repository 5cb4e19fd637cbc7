#include "http/naming_settings_parameters.hpp"

#include <charconv>
#include <utility>

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;
using about = settings_refusal::about;
using processors::naming::cluster_settings;
using processors::naming::health_checker;
using processors::naming::service_settings;

raft::unexpected<settings_refusal> refuse(about what, std::string text) {
  return raft::unexpected(settings_refusal{what, std::move(text)});
}

std::optional<double> read_threshold(const naming_parameters& p) {
  const auto text = p.find("protectThreshold");
  if (!text) return 0;
  double value = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool is_number = failure == std::errc{} && end == text->data() + text->size();
  return is_number && value >= 0 && value <= 1 ? std::optional(value) : std::nullopt;
}

settings_read<processors::naming::text_map> metadata_of(const naming_parameters& p) {
  auto metadata = read_metadata(p);
  if (!metadata) return refuse(about::metadata, metadata.error().body);
  return std::move(*metadata);
}

/// A member as text, whatever scalar it is: clients send numbers as texts and the other way round.
std::string text_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

settings_read<health_checker> read_checker(std::string_view text) {
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (!parsed.is_object()) {
    return refuse(about::checker, "healthChecker: '" + std::string(text) + "' is no JSON object");
  }
  health_checker c;
  c.type = text_member(parsed, "type");
  for (const auto* known : {"TCP", "HTTP", "MYSQL", "NONE"}) {
    if (equal_ignoring_case(c.type, known)) c.type = known;
  }
  if (c.type != "TCP" && c.type != "HTTP" && c.type != "MYSQL" && c.type != "NONE") {
    return refuse(about::checker,
                  "healthChecker: type '" + c.type + "' is none of TCP, HTTP, MYSQL and NONE");
  }
  if (c.type == "HTTP") {
    c.path = text_member(parsed, "path");
    c.headers = text_member(parsed, "headers");
    const auto code = text_member(parsed, "expectedResponseCode");
    const auto number =
        code.empty() ? std::optional<std::uint64_t>(200) : parse_number(code, 100, 599);
    if (!number)
      return refuse(about::checker, "healthChecker: expectedResponseCode is not 100 to 599");
    c.expected_code = static_cast<std::uint32_t>(*number);
  }
  if (c.type == "MYSQL") {
    c.user = text_member(parsed, "user");
    c.password = text_member(parsed, "pwd");
    c.command = text_member(parsed, "cmd");
  }
  return c;
}

}  // namespace

settings_read<service_settings> read_settings(const naming_parameters& p) {
  service_settings s;
  const auto threshold = read_threshold(p);
  if (!threshold) {
    return refuse(about::threshold,
                  "Param 'protectThreshold' is illegal, the value should be "
                  "between 0 and 1.");
  }
  s.protect_threshold = *threshold;
  auto metadata = metadata_of(p);
  if (!metadata) return raft::unexpected(metadata.error());
  s.metadata = std::move(*metadata);
  const auto selector = p.find("selector");
  if (!selector) return s;
  const auto parsed = nlohmann::json::parse(*selector, nullptr, false);
  if (!parsed.is_object()) {
    return refuse(about::selector, "selector: '" + std::string(*selector) + "' is no JSON object");
  }
  s.selector_type = text_member(parsed, "type");
  if (s.selector_type != "none" && s.selector_type != "label") {
    return refuse(about::selector, "not match any type of selector! (current: " + s.selector_type +
                                       "; none and label are known)");
  }
  s.selector_expression = text_member(parsed, "expression");
  return s;
}

settings_read<cluster_settings> read_cluster(const naming_parameters& p) {
  cluster_settings c;
  const auto port = parse_number(p.find("checkPort").value_or(""), 0, UINT16_MAX);
  if (!port) {
    return refuse(about::port,
                  "Param 'checkPort' is illegal, the value should be between 0 and 65535.");
  }
  c.check_port = static_cast<std::uint16_t>(*port);
  c.use_instance_port = p.flag("useInstancePort4Check").value_or(false);
  auto checker = read_checker(p.find("healthChecker").value_or(""));
  if (!checker) return raft::unexpected(checker.error());
  c.checker = std::move(*checker);
  auto metadata = metadata_of(p);
  if (!metadata) return raft::unexpected(metadata.error());
  c.metadata = std::move(*metadata);
  return c;
}

json checker_json(const health_checker& c) {
  json out = json::object();
  out["type"] = c.type;
  if (c.type == "HTTP") {
    out["path"] = c.path;
    out["headers"] = c.headers;
    out["expectedResponseCode"] = c.expected_code;
  }
  if (c.type == "MYSQL") {
    out["user"] = c.user;
    out["pwd"] = c.password;
    out["cmd"] = c.command;
  }
  return out;
}

json selector_json(const service_settings& s) {
  json out = json::object();
  out["type"] = s.selector_type;
  if (s.selector_type == "label") {
    out["expression"] = s.selector_expression;
    out["contextType"] = "CMDB";
  } else {
    out["contextType"] = "NONE";
  }
  return out;
}

std::set<std::string> cluster_names(const naming::service& s) {
  std::set<std::string> names;
  for (const auto& h : s.hosts) names.insert(h->cluster);
  if (!s.settings) return names;
  for (const auto& [name, settings] : s.settings->clusters) names.insert(name);
  return names;
}

cluster_settings cluster_of(const naming::service& s, const std::string& name) {
  if (!s.settings) return {};
  const auto found = s.settings->clusters.find(name);
  return found == s.settings->clusters.end() ? cluster_settings{} : found->second;
}

}  // namespace troupe::http
