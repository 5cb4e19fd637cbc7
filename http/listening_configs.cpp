#include "http/listening_configs.hpp"

#include <array>

#include "http/config_tenant.hpp"
#include "http/naming_text.hpp"
#include "http/text_forms.hpp"

namespace troupe::http {

namespace {

constexpr char word_separator = '\x02';
constexpr char line_separator = '\x01';
constexpr std::string_view unreadable = "invalid probeModify";

/// The words of one line, at most five: one more than a line has.
struct words {
  std::array<std::string_view, 5> word;
  std::size_t count = 0;
};

words split(std::string_view line) {
  words w;
  while (w.count < w.word.size()) {
    const auto end = line.find(word_separator);
    w.word[w.count++] = line.substr(0, end);
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  return w;
}

tenant_form form_of(std::string_view tenant) {
  if (tenant.empty()) return tenant_form::absent;
  if (tenant == "public") return tenant_form::text_public;
  return tenant == "null" ? tenant_form::text_null : tenant_form::own;
}

bool is_name(std::string_view text, std::size_t max) {
  return !text.empty() && text.size() <= max && is_group_text(text);
}

}  // namespace

raft::expected<std::vector<config_belief>, std::string> read_beliefs(std::string_view text) {
  namespace cfg = processors::config;
  std::vector<config_belief> out;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find(line_separator));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto [word, count] = split(line);
    if (count != 3 && count != 4) return raft::unexpected(std::string(unreadable));
    const auto tenant = count == 4 ? word[3] : std::string_view();
    if (!is_name(word[0], cfg::data_id_bytes_max) ||
        !is_name(word[1], cfg::config_group_bytes_max) || tenant.size() > cfg::tenant_bytes_max ||
        !is_group_text(tenant)) {
      return raft::unexpected(std::string(unreadable));
    }
    if (out.size() == config_listeners::keys_max) {
      return raft::unexpected("Listening-Configs has more than " +
                              std::to_string(config_listeners::keys_max) + " configurations");
    }
    out.push_back(
        {config_key({canonical_tenant(tenant), word[1], word[0]}), form_of(tenant), word[2]});
  }
  if (out.empty()) return raft::unexpected(std::string(unreadable));
  return out;
}

std::string decode_listening(std::string_view field) {
  if (field.find(word_separator) == std::string_view::npos &&
      field.find("%02") != std::string_view::npos) {
    if (auto decoded = percent_decode(field)) return std::move(*decoded);
  }
  return std::string(field);
}

}  // namespace troupe::http
