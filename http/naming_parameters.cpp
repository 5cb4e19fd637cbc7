#include "http/naming_parameters.hpp"

#include <nlohmann/json.hpp>

#include "http/naming_text.hpp"

namespace troupe::http {

namespace {

constexpr std::string_view separator = "@@";
constexpr std::size_t metadata_characters_max = 1'024;

response illegal(std::string_view param, std::string_view why) {
  return plain_text(400, "Param '" + std::string(param) + "' is illegal, " + std::string(why));
}

response too_long(std::string_view param, std::size_t max) {
  return illegal(param, "the param length should not exceed " + std::to_string(max) + ".");
}

response bad_characters(std::string_view param) {
  return illegal(param, "illegal characters should not appear in the param.");
}

response bad_port() {
  return illegal("port", "the value should be between 0 and 65535.");
}

template <class Allowed>
std::optional<response> check(std::string_view param, std::optional<std::string_view> value,
                              std::size_t characters_max, const Allowed& allowed) {
  if (!value || value->empty()) return std::nullopt;
  const auto facts = examine(*value);
  if (facts.characters > characters_max) return too_long(param, characters_max);
  // A NUL passes none of Nacos's own rules for lack of a client that sends one; it parts our keys.
  if (!facts.valid || value->find('\0') != std::string_view::npos || !allowed(*value, facts)) {
    return bad_characters(param);
  }
  return std::nullopt;
}

bool is_plain(std::string_view, const text_facts& facts) {
  return !facts.has_cjk && !facts.has_blank;
}

bool is_service_name(std::string_view text, const text_facts& facts) {
  return is_plain(text, facts) && text.front() != '@' &&
         text.find(separator) == std::string_view::npos;
}

struct split_name {
  std::optional<std::string_view> service_group;  ///< only when the name carries one
  std::string_view name;
};

split_name split(std::string_view service_name) {
  const auto at = service_name.find(separator);
  if (at == std::string_view::npos) return {std::nullopt, service_name};
  return {service_name.substr(0, at), service_name.substr(at + separator.size())};
}

using metadata_map = std::map<std::string, std::string>;

response bad_metadata(std::string_view text) {
  return plain_text(400, "metadata format incorrect:" + std::string(text));
}

/// `k=v,k2=v2`
naming_read<metadata_map> read_pairs(std::string_view text) {
  metadata_map out;
  for (std::string_view rest = text; !rest.empty();) {
    const auto pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || equals + 1 == pair.size() ||
        pair.find('=', equals + 1) != std::string_view::npos) {
      return raft::unexpected(bad_metadata(text));
    }
    out.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return out;
}

std::optional<response> check_metadata(const naming_parameters& p) {
  const auto metadata = read_metadata(p);
  if (!metadata) return std::nullopt;  // who needs it says so, in the words of his API
  std::size_t characters = 0;
  for (const auto& [key, value] : *metadata) {
    for (const std::string_view text : {std::string_view(key), std::string_view(value)}) {
      const auto facts = examine(text);
      if (!facts.valid) return bad_characters("Metadata");
      characters += facts.characters;
    }
  }
  if (characters > metadata_characters_max) return too_long("Metadata", metadata_characters_max);
  return std::nullopt;
}

}  // namespace

response plain_text(unsigned status, std::string body) {
  return {status, std::move(body), "text/plain;charset=UTF-8", {}};
}

naming_read<naming_parameters> naming_parameters::of(const request& r) {
  naming_parameters p;
  const auto type = r.header("Content-Type").value_or("");
  // Some clients append ";charset=utf8" and the like.
  const bool is_form = equal_ignoring_case(trimmed(type.substr(0, type.find(';'))),
                                           "application/x-www-form-urlencoded");
  if (!p.all_.add_form(r.query) || (is_form && !p.all_.add_form(r.body))) {
    return raft::unexpected(plain_text(400, "a '%' is not followed by two hexadecimal digits"));
  }
  return p;
}

std::optional<std::string_view> naming_parameters::as_sent(std::string_view name) const {
  return all_.find(name);
}

std::optional<std::string_view> naming_parameters::find(std::string_view name) const {
  const auto found = all_.find(name);
  if (!found) return std::nullopt;
  const auto text = trimmed(*found);
  return text.empty() ? std::nullopt : std::optional(text);
}

naming_read<std::string_view> naming_parameters::require(std::string_view name) const {
  const auto found = find(name);
  if (found) return *found;
  return raft::unexpected(plain_text(400, "Param '" + std::string(name) + "' is required."));
}

std::optional<bool> naming_parameters::flag(std::string_view name) const {
  const auto text = find(name);
  if (!text) return std::nullopt;
  for (const std::string_view word : {"true", "t", "yes", "y", "on"}) {
    if (equal_ignoring_case(*text, word)) return true;
  }
  for (const std::string_view word : {"false", "f", "no", "n", "off"}) {
    if (equal_ignoring_case(*text, word)) return false;
  }
  return std::nullopt;
}

std::optional<response> check_parameters(const naming_parameters& p) {
  const auto word = [](std::string_view text, const text_facts&) { return is_word(text); };
  const auto group_text = [](std::string_view t, const text_facts&) { return is_group_text(t); };
  if (auto bad = check("namespaceId/tenant", p.find("namespaceId"), 64, word)) return bad;
  const auto name = split(p.find("serviceName").value_or(""));
  if (auto bad = check("serviceName", name.name, 512, is_service_name)) return bad;
  const auto group = name.service_group ? name.service_group : p.find("groupName");
  if (auto bad = check("group", group, 128, group_text)) return bad;
  for (const auto& cluster : split_clusters(p.find("clusters").value_or(""))) {
    if (auto bad = check("cluster", cluster, 64, word)) return bad;
  }
  for (const auto* alias : {"clusterName", "cluster"}) {
    if (auto bad = check("cluster", p.find(alias), 64, word)) return bad;
  }
  if (auto bad = check("ip", p.find("ip"), 128, is_plain)) return bad;
  const auto port = p.find("port");
  if (port && !parse_number(*port, 0, UINT16_MAX)) return bad_port();
  return check_metadata(p);
}

naming_read<service_name> read_service(const naming_parameters& p) {
  const auto given = p.require("serviceName");
  if (!given) return raft::unexpected(given.error());
  const auto parts = split(*given);
  if (parts.name.empty()) {
    return raft::unexpected(
        illegal("serviceName", "it should be format as 'groupName@@serviceName'"));
  }
  if (parts.service_group && parts.service_group->empty()) {
    return raft::unexpected(illegal("serviceName", "groupName can't be empty"));
  }
  service_name s;
  s.namespace_id = p.find("namespaceId").value_or("public");
  s.service_group = parts.service_group.value_or(p.find("groupName").value_or("DEFAULT_GROUP"));
  s.name = parts.name;
  return s;
}

naming_read<std::map<std::string, std::string>> read_metadata(const naming_parameters& p) {
  const auto text = p.find("metadata");
  if (!text) return metadata_map{};
  const auto parsed = nlohmann::json::parse(*text, nullptr, false);
  if (parsed.is_discarded()) return read_pairs(*text);
  if (!parsed.is_object()) return raft::unexpected(bad_metadata(*text));
  metadata_map out;
  for (const auto& [key, value] : parsed.items()) {
    if (value.is_structured()) return raft::unexpected(bad_metadata(*text));
    out.emplace(key, value.is_string() ? value.get<std::string>()
                     : value.is_null() ? std::string()
                                       : value.dump());
  }
  return out;
}

std::vector<std::string> split_clusters(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto element = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), element.size() + 1));
    const auto name = trimmed(element);
    if (!name.empty()) out.emplace_back(name);
  }
  return out;
}

}  // namespace troupe::http
