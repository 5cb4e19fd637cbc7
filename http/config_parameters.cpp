#include "http/config_parameters.hpp"

#include <algorithm>

#include "http/config_tenant.hpp"
#include "http/naming_text.hpp"

namespace troupe::http {

namespace {

namespace cfg = processors::config;

constexpr std::string_view types[] = {"properties", "xml",  "json", "text",
                                      "html",       "yaml", "toml", "unset"};
constexpr std::string_view default_type = "text";

/// A 400 of the parameter check: a plain text in both versions of the API. nacos-spec C.2.
response illegal(std::string_view param, const std::string& why) {
  return config_invalid(config_dialect::v1,
                        "Param '" + std::string(param) + "' is illegal, " + why);
}

std::optional<response> check(std::string_view param, std::string_view value,
                              std::size_t characters_max, bool (*allowed)(std::string_view)) {
  const auto facts = examine(value);
  if (facts.characters > characters_max) {
    return illegal(param,
                   "the param length should not exceed " + std::to_string(characters_max) + ".");
  }
  if (!facts.valid || !allowed(value)) {
    return illegal(param, "illegal characters should not appear in the param.");
  }
  return std::nullopt;
}

bool is_blank(std::string_view text) {
  return trimmed(text).empty();
}

std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const auto element = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), element.size() + 1));
    if (!is_blank(element)) out.push_back(trimmed(element));
  }
  return out;
}

/// What is wrong with the details of a publication, if anything. nacos-spec C.8.1.
class detail_check {
 public:
  void length(std::string_view name, std::optional<std::string_view> value,
              std::size_t characters_max) {
    if (!value || wrong_) return;
    const auto facts = examine(*value);
    if (!facts.valid) {
      wrong_ = "invalid " + std::string(name) + ", it is not UTF-8";
    } else if (facts.characters > characters_max) {
      wrong_ = "too long " + std::string(name) + ", over " + std::to_string(characters_max);
    }
  }
  void tags(const std::optional<std::vector<std::string_view>>& tags) {
    if (!tags) return;
    if (!wrong_ && tags->size() > cfg::tags_max) {
      wrong_ = "too much config_tags, over " + std::to_string(cfg::tags_max);
    }
    for (const auto tag : *tags) length("tag", tag, 64);
  }
  /// It becomes a header of answers: a line end in it would begin another one.
  void header(std::string_view name, std::string_view value) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; };
    if (!wrong_ && std::any_of(value.begin(), value.end(), is_control)) {
      wrong_ = "invalid " + std::string(name) + ", it has control characters";
    }
  }
  void content(std::string_view text) {
    if (wrong_) return;
    if (is_blank(text)) {
      wrong_ = "content is blank : " + std::string(text);
    } else if (text.size() > cfg::content_bytes_max) {
      wrong_ = "invalid content, over " + std::to_string(cfg::content_bytes_max);
    } else if (!examine(text).valid) {
      wrong_ = "invalid content, it is not UTF-8";
    }
  }
  [[nodiscard]] const std::optional<std::string>& wrong() const { return wrong_; }

 private:
  std::optional<std::string> wrong_;
};

std::optional<response> refuse_gray(const request& r, const config_parameters& p) {
  if (!is_blank(r.header("betaIps").value_or(""))) {
    return config_invalid(p.dialect(),
                          "betaIps: beta publishing is not served; nothing was published");
  }
  if (p.given("tag")) {
    return config_invalid(p.dialect(),
                          "tag: publishing under a tag is not served; nothing was published");
  }
  return std::nullopt;
}

}  // namespace

config_read<config_parameters> config_parameters::of(const request& r, config_dialect d) {
  config_parameters p;
  p.dialect_ = d;
  const auto type = r.header("Content-Type").value_or("");
  // Some clients append ";charset=utf8" and the like.
  const bool is_form = equal_ignoring_case(trimmed(type.substr(0, type.find(';'))),
                                           "application/x-www-form-urlencoded");
  if (!p.all_.add_form(r.query) || (is_form && !p.all_.add_form(r.body))) {
    return raft::unexpected(config_invalid(d, "a '%' is not followed by two hexadecimal digits"));
  }
  return p;
}

std::optional<std::string_view> config_parameters::given(std::string_view name) const {
  const auto found = find(name);
  return found && !is_blank(*found) ? found : std::nullopt;
}

config_read<std::string_view> config_parameters::require(std::string_view name) const {
  const auto found = find(name);
  if (found) return *found;
  return raft::unexpected(config_missing(dialect_, name));
}

std::string_view config_parameters::tenant() const {
  return canonical_tenant(trimmed(text(tenant_parameter(dialect_))));
}

std::optional<response> check_config_parameters(const config_parameters& p) {
  if (auto bad = check("namespaceId/tenant", p.tenant(), 64, is_word)) return bad;
  // Searches have patterns there.
  const bool is_pattern = p.given("search").has_value();
  for (const auto& [name, max] : {std::pair("dataId", 256), std::pair("group", 128)}) {
    std::string plain(p.text(name));
    if (is_pattern) plain.erase(std::remove(plain.begin(), plain.end(), '*'), plain.end());
    if (is_blank(plain)) continue;
    if (auto bad = check(name, plain, static_cast<std::size_t>(max), is_group_text)) return bad;
  }
  return std::nullopt;
}

config_read<cfg::item_key> read_config_key(const config_parameters& p) {
  const auto data_id = p.require("dataId");
  if (!data_id) return raft::unexpected(data_id.error());
  const auto group = p.require("group");
  if (!group) return raft::unexpected(group.error());
  for (const auto& [name, value] : {std::pair("dataId", *data_id), std::pair("group", *group)}) {
    if (is_blank(value)) {
      return raft::unexpected(
          config_invalid(p.dialect(), std::string("invalid ") + name + " : " + std::string(value)));
    }
  }
  return cfg::item_key{p.tenant(), *group, *data_id};
}

config_read<cfg::publish> read_publication(const request& r, const config_parameters& p) {
  const bool is_v1 = p.dialect() == config_dialect::v1;
  const auto key = read_config_key(p);
  if (!key) return raft::unexpected(key.error());
  const auto content = p.require("content");
  if (!content) return raft::unexpected(content.error());
  if (auto refused = refuse_gray(r, p)) return raft::unexpected(std::move(*refused));

  cfg::publish c;
  c.key = *key;
  c.content = *content;
  const auto type = p.text("type");
  const bool is_known = std::find(std::begin(types), std::end(types), type) != std::end(types);
  c.type = is_known ? type : default_type;
  c.encrypted_key = p.text("encryptedDataKey");
  // SDKs send an empty appName; Nacos keeps the old one then.
  c.app_name = p.given("appName");
  c.description = p.find("desc");
  c.use = p.find("use");
  c.effect = p.find("effect");
  c.schema = p.find("schema");
  if (const auto tags = p.find(is_v1 ? "config_tags" : "configTags")) c.tags = split_list(*tags);
  const auto expected = r.header("casMd5").value_or("");
  if (!is_blank(expected)) c.expected_md5 = expected;

  detail_check check;
  check.content(c.content);
  check.tags(c.tags);
  check.length("desc", c.description, 128);
  check.length("use", c.use, 32);
  check.length("effect", c.effect, 32);
  check.length("type", type, 32);
  check.length("schema", c.schema, 32'768);
  check.length("appName", c.app_name, 128);
  check.length(is_v1 ? "src_user" : "srcUser", p.find(is_v1 ? "src_user" : "srcUser"), 128);
  check.length("encryptedDataKey", c.encrypted_key, 1'024);
  check.header("encryptedDataKey", c.encrypted_key);
  check.length("casMd5", c.expected_md5, cfg::md5_bytes);
  check.length("client address", r.client_address(), 128);
  if (check.wrong()) return raft::unexpected(config_invalid(p.dialect(), *check.wrong()));
  return c;
}

config_read<cfg::page_wanted> read_config_page(const config_parameters& p, std::uint64_t size_max) {
  cfg::page_wanted page;
  for (const auto& [name, value] :
       {std::pair("pageNo", &page.number), std::pair("pageSize", &page.size)}) {
    const auto text = p.given(name);
    if (!text) continue;
    const auto number = parse_number(trimmed(*text), 1, cfg::page_number_max);
    if (!number) {
      return raft::unexpected(config_invalid(
          p.dialect(), std::string(name) + " : " + std::string(*text) + " is no number from 1"));
    }
    *value = *number;
  }
  page.size = std::min(page.size, size_max);
  return page;
}

config_read<cfg::search> read_config_search(const config_parameters& p) {
  for (const auto* name : {"dataId", "group", "pageNo", "pageSize"}) {
    if (const auto found = p.require(name); !found) return raft::unexpected(found.error());
  }
  const auto page = read_config_page(p, cfg::page_size_max);
  if (!page) return raft::unexpected(page.error());
  cfg::search q;
  q.tenant = p.tenant();
  q.data_id = trimmed(p.text("dataId"));
  q.config_group = trimmed(p.text("group"));
  q.blur = p.is("search", "blur");
  q.app_name = p.text("appName");
  q.content = p.text("config_detail");
  q.tags = split_list(p.text("config_tags"));
  q.types = split_list(p.text("types"));
  q.page = *page;
  return q;
}

config_read<std::uint64_t> read_config_number(const config_parameters& p, std::string_view name) {
  const auto text = p.require(name);
  if (!text) return raft::unexpected(text.error());
  const auto number = parse_number(trimmed(*text), 0, INT64_MAX);
  if (number) return *number;
  return raft::unexpected(config_invalid(
      p.dialect(), std::string(name) + " : " + std::string(*text) + " is no number"));
}

config_read<std::vector<std::uint64_t>> read_config_ids(const config_parameters& p) {
  const auto list = p.require("ids");
  if (!list) return raft::unexpected(list.error());
  std::vector<std::uint64_t> out;
  for (const auto element : split_list(*list)) {
    const auto id = parse_number(element, 1, INT64_MAX);
    if (!id) {
      return raft::unexpected(
          config_invalid(p.dialect(), "ids : " + std::string(element) + " is no id"));
    }
    out.push_back(*id);
  }
  if (out.size() <= cfg::ids_max) return out;
  return raft::unexpected(
      config_invalid(p.dialect(), "ids : more than " + std::to_string(cfg::ids_max) + " at once"));
}

config_read<consistency> read_consistency(const request& r, const config_parameters& p) {
  const auto wanted =
      p.given("consistency").value_or(trimmed(r.header("X-Troupe-Consistency").value_or("")));
  if (wanted.empty() || wanted == "local") return consistency::local;
  if (wanted == "linearizable") return consistency::linearizable;
  return raft::unexpected(config_invalid(
      p.dialect(), "consistency : " + std::string(wanted) + " is neither linearizable nor local"));
}

}  // namespace troupe::http
