#include "processors/switch_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace troupe::processors::naming {

namespace {

using verdict = raft::expected<void, std::string>;
using setter = verdict (*)(switches&, std::string_view);

/// About 24 days: times beyond are slips of the pen.
constexpr std::uint64_t ms_max = INT32_MAX;
constexpr std::uint64_t answer_code_max = 999;
constexpr std::string_view push_version_entry = "pushVersion";

auto refused(std::string why) {
  return raft::unexpected(std::move(why));
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number n{};
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

template <bool switches::*Field>
verdict set_flag(switches& s, std::string_view value) {
  const bool on = equal_ignoring_case(value, "true");
  if (!on && !equal_ignoring_case(value, "false")) return refused("is neither true nor false");
  s.*Field = on;
  return {};
}

template <auto Field, std::uint64_t Least, std::uint64_t Most = ms_max>
verdict set_number(switches& s, std::string_view value) {
  const auto n = number_in<std::uint64_t>(value);
  if (!n || *n < Least || *n > Most) {
    return refused("is not a number from " + std::to_string(Least) + " to " + std::to_string(Most));
  }
  s.*Field = static_cast<std::remove_reference_t<decltype(s.*Field)>>(*n);
  return {};
}

/// The parts between commas; none for an empty text.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

verdict set_status(switches& s, std::string_view value) {
  constexpr std::array<std::string_view, 4> known{"UP", "DOWN", "READ_ONLY", "WRITE_ONLY"};
  const bool resets = value.empty() || value == "null";
  if (!resets && std::find(known.begin(), known.end(), value) == known.end()) {
    return refused("is none of UP, DOWN, READ_ONLY, WRITE_ONLY and null");
  }
  s.overridden_server_status = resets ? "" : std::string(value);
  return {};
}

verdict set_limited_urls(switches& s, std::string_view value) {
  const auto parts = parts_of(value);
  if (parts.size() > limited_urls_max) {
    return refused("has more than " + std::to_string(limited_urls_max) + " URLs");
  }
  std::map<std::string, std::uint32_t> urls;
  for (const auto part : parts) {
    const auto colon = part.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return refused("is not url:code,url:code");
    const auto code = number_in<std::uint32_t>(part.substr(colon + 1));
    if (!code || *code == 0 || *code > answer_code_max) {
      return refused("has a code that is not from 1 to " + std::to_string(answer_code_max));
    }
    urls[std::string(part.substr(0, colon))] = *code;
  }
  s.limited_urls = std::move(urls);
  return {};
}

/// A field of the JSON object, `unset` when it has none of that name; nothing when it is no number.
std::optional<double> field_of(const nlohmann::json& object, const char* name, double unset) {
  const auto found = object.find(name);
  if (found == object.end()) return unset;
  if (!found->is_number()) return std::nullopt;
  return found->get<double>();
}

template <probe_interval switches::*Field>
verdict set_interval(switches& s, std::string_view value) {
  const auto json = nlohmann::json::parse(value, nullptr, false);
  if (!json.is_object()) return refused(R"(is not {"max":…,"min":…,"factor":…})");
  const switches defaults;
  const auto& unset = defaults.*Field;
  const auto max = field_of(json, "max", static_cast<double>(unset.max_ms));
  const auto min = field_of(json, "min", static_cast<double>(unset.min_ms));
  const auto factor = field_of(json, "factor", unset.factor);
  if (!max || !min || !factor) return refused("has a field that is no number");
  if (!(*min >= 500)) return refused("has a min below 500");
  if (!(*max >= 3'000)) return refused("has a max below 3000");
  if (!(*max <= static_cast<double>(ms_max))) {
    return refused("has a max above " + std::to_string(ms_max));
  }
  if (!(*min <= *max)) return refused("has a min above its max");
  if (!(*factor >= 0 && *factor <= 1)) return refused("has a factor that is not from 0 to 1");
  s.*Field = {static_cast<std::uint64_t>(*max), static_cast<std::uint64_t>(*min), *factor};
  return {};
}

/// Three numbers with points between them.
bool is_version(std::string_view text) {
  int numbers = 0;
  while (true) {
    const auto end = std::min(text.find('.'), text.size());
    if (end > 9 || !number_in<std::uint32_t>(text.substr(0, end))) return false;
    ++numbers;
    if (end == text.size()) return numbers == 3;
    text.remove_prefix(end + 1);
  }
}

verdict set_push_version(switches& s, std::string_view value) {
  const auto colon = std::min(value.find(':'), value.size());
  const auto known = s.push_versions.find(std::string(value.substr(0, colon)));
  if (colon == value.size() || known == s.push_versions.end()) {
    return refused("is not type:version, with a type of java, go, python, c or csharp");
  }
  const auto version = value.substr(colon + 1);
  if (!is_version(version)) return refused("has a version that is not of the form 1.2.3");
  known->second = version;
  return {};
}

verdict set_distro_threshold(switches& s, std::string_view value) {
  const auto n = number_in<double>(value);
  if (!n || !std::isfinite(*n) || *n <= 0) return refused("is not a number above 0");
  s.distro_threshold = *n;
  return {};
}

verdict set_masters(switches& s, std::string_view value) {
  const auto parts = parts_of(value);
  if (parts.size() > masters_max) {
    return refused("has more than " + std::to_string(masters_max) + " masters");
  }
  s.masters.assign(parts.begin(), parts.end());
  return {};
}

struct entry_rule {
  std::string_view entry;
  setter set;
};

using s = switches;
constexpr std::array<entry_rule, 24> rules{{
    {"check", set_flag<&s::health_check_enabled>},
    {"healthCheckTimes", set_number<&s::check_times, 1>},
    {"tcpHealthParams", set_interval<&s::tcp_health>},
    {"httpHealthParams", set_interval<&s::http_health>},
    {"mysqlHealthParams", set_interval<&s::mysql_health>},
    {"pushEnabled", set_flag<&s::push_enabled>},
    {"pushCacheMillis", set_number<&s::push_cache_ms, 10'000>},
    {"defaultCacheMillis", set_number<&s::default_cache_ms, 1'000>},
    {"clientBeatInterval", set_number<&s::client_beat_interval_ms, 1>},
    {"defaultInstanceEphemeral", set_flag<&s::default_instance_ephemeral>},
    {"lightBeatEnabled", set_flag<&s::light_beat_enabled>},
    {"overriddenServerStatus", set_status},
    {"limitedUrlMap", set_limited_urls},
    {push_version_entry, set_push_version},
    {"autoChangeHealthCheckEnabled", set_flag<&s::auto_change_health_check_enabled>},
    {"serviceStatusSynchronizationPeriodMillis", set_number<&s::service_status_period_ms, 5'000>},
    {"serverStatusSynchronizationPeriodMillis", set_number<&s::server_status_period_ms, 1'000>},
    {"distro", set_flag<&s::distro_enabled>},
    {"distroThreshold", set_distro_threshold},
    {"distroServerExpiredMillis", set_number<&s::distro_server_expired_ms, 1>},
    {"enableStandalone", set_flag<&s::enable_standalone>},
    {"disableAddIP", set_flag<&s::disable_add_ip>},
    {"sendBeatOnly", set_flag<&s::send_beat_only>},
    {"masters", set_masters},
}};

}  // namespace

raft::expected<void, std::string> set_switch(switches& to, std::string_view entry,
                                             std::string_view value) {
  if (value.size() > switch_value_bytes_max) {
    return refused("the value has more than " + std::to_string(switch_value_bytes_max) + " bytes");
  }
  const auto* const rule = std::find_if(rules.begin(), rules.end(),
                                        [&](const entry_rule& r) { return r.entry == entry; });
  if (rule == rules.end()) return refused("there is no switch of the name " + std::string(entry));
  const auto set = rule->set(to, value);
  if (!set) return refused("the value of " + std::string(entry) + " " + set.error());
  return {};
}

std::string switch_field(std::string_view entry, std::string_view value) {
  if (entry != push_version_entry) return std::string(entry);
  return std::string(entry).append(":").append(value.substr(0, value.find(':')));
}

}  // namespace troupe::processors::naming
