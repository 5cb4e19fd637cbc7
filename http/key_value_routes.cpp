// The key-value part of docs/http-api.md: a REST face of processors::key_value.
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "http/json_answer.hpp"
#include "http/routes.hpp"
#include "http/text_forms.hpp"
#include "processors/key_value.hpp"

namespace troupe::http {

namespace {

namespace kv = processors::kv;
using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr std::uint64_t timeout_ms_max = 60'000;

/// A part of a request, or what to answer because it is malformed.
template <class T>
using parsed = raft::expected<T, response>;

raft::unexpected<response> malformed(std::string message) {
  return raft::unexpected(invalid_argument(std::move(message)));
}

std::string etag_of(raft::log_index version) {
  return '"' + to_string(version) + '"';
}

std::optional<response> reject_key(const std::string& key) {
  if (!key.empty() && key.size() <= kv::key_bytes_max) return std::nullopt;
  return invalid_argument("key: has " + std::to_string(key.size()) + " bytes, not 1 to " +
                          std::to_string(kv::key_bytes_max));
}

struct query_string {
  parameters values;
  milliseconds timeout{};
};

parsed<query_string> read_query(const request& r, milliseconds timeout_default) {
  query_string q;
  q.timeout = timeout_default;
  if (!q.values.add_form(r.query)) {
    return malformed("query: a '%' is not followed by two hexadecimal digits");
  }
  if (const auto text = q.values.find("timeout_ms")) {
    const auto ms = parse_number(*text, 1, timeout_ms_max);
    if (!ms) return malformed("timeout_ms: is not a number from 1 to 60000");
    q.timeout = milliseconds(static_cast<milliseconds::rep>(*ms));
  }
  return q;
}

parsed<query_options> read_options(const query_string& q) {
  query_options o;
  o.timeout = q.timeout;
  const auto wanted = q.values.find("consistency").value_or("linearizable");
  if (wanted == "local") {
    o.consistency = consistency::local;
  } else if (wanted != "linearizable") {
    return malformed("consistency: is neither \"linearizable\" nor \"local\"");
  }
  return o;
}

/// An entity tag's text, or nothing when it is not of the form "…". RFC 7232 §2.3.
std::optional<std::string_view> opaque_tag(std::string_view tag) {
  if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  tag = tag.substr(1, tag.size() - 2);
  if (tag.find('"') != std::string_view::npos) return std::nullopt;
  return tag;
}

/// Tags that are not ours match nothing: version 0 is that of no value.
raft::log_index version_of(std::string_view opaque) {
  return raft::log_index{parse_number(opaque, 1, UINT64_MAX).value_or(0)};
}

parsed<kv::condition> read_condition(const request& r, bool may_require_absence) {
  kv::condition c;
  const auto match = r.header("If-Match");
  const auto none_match = r.header("If-None-Match");
  if (match && none_match) return malformed("If-Match and If-None-Match exclude each other");
  if (none_match) {
    if (!may_require_absence || trimmed(*none_match) != "*") {
      return malformed("If-None-Match: only PUT takes it, and only as *");
    }
    c.kind = kv::condition_kind::absent;
  } else if (match && trimmed(*match) == "*") {
    c.kind = kv::condition_kind::exists;
  } else if (match) {
    const auto tag = opaque_tag(trimmed(*match));
    if (!tag) return malformed("If-Match: is neither * nor one tag of the form \"17\"");
    c.kind = kv::condition_kind::version;
    c.version = version_of(*tag);
  }
  return c;
}

/// RFC 7232 §3.2: a list of tags, compared weakly, or *.
bool names_version(std::string_view none_match, raft::log_index version) {
  while (!none_match.empty()) {
    const auto comma = none_match.find(',');
    auto tag = trimmed(none_match.substr(0, comma));
    if (tag == "*") return true;
    if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
    const auto opaque = opaque_tag(tag);
    if (opaque && !version.is_none() && version_of(*opaque) == version) return true;
    if (comma == std::string_view::npos) break;
    none_match.remove_prefix(comma + 1);
  }
  return false;
}

response unreadable(const codec::decode_error& e) {
  return answer_of(500, "internal", "the processor's answer cannot be read: " + e.what);
}

response mismatch(const kv::write_reply& r) {
  auto answer = answer_of(
      412, "version_mismatch",
      r.existed ? "the key stands at version " + to_string(r.version) : "the key is absent");
  if (r.existed) answer.headers.emplace_back("ETag", etag_of(r.version));
  return answer;
}

response written(const troupe::response& applied, bool is_put) {
  const auto r = kv::decode_write_reply(applied.data.view());
  if (!r) return unreadable(r.error());
  if (!r->swapped) return mismatch(*r);
  if (!is_put) return json_answer({{"deleted", r->existed}});
  // Not by way of a JSON value: every write is answered with it.
  response answer{200, "{\"version\":" + to_string(r->version) + '}', std::string(json_type), {}};
  answer.headers.emplace_back("ETag", etag_of(r->version));
  return answer;
}

void write(const exchange_ptr& call, cluster_view& view, const std::string& key, bool is_put) {
  const auto& r = call->request();
  if (auto refused = reject_key(key)) return call->respond(std::move(*refused));
  if (is_put && r.body.size() > kv::value_bytes_max) {
    return call->respond(
        answer_of({error_code::too_large,
                   "value: has more than " + std::to_string(kv::value_bytes_max) + " bytes",
                   {}}));
  }
  const auto condition = read_condition(r, is_put);
  if (!condition) return call->respond(condition.error());
  const auto query = read_query(r, propose_options{}.timeout);
  if (!query) return call->respond(query.error());

  auto command = is_put ? kv::encode(kv::put{key, r.body, *condition})
                        : kv::encode(kv::erase{key, *condition});
  propose_options options;
  options.timeout = query->timeout;
  view.group(std::string(processors::key_value::group_name))
      .propose(raft::bytes(std::move(command)), options,
               on_strand(
                   call,
                   [call, is_put](const troupe::response& applied) {
                     call->respond(written(applied, is_put));
                   },
                   [](const error& e) { return answer_of(e); }));
}

response found(const troupe::response& answered, const std::optional<std::string>& none_match) {
  const auto r = kv::decode_get_reply(answered.data.view());
  if (!r) return unreadable(r.error());
  if (!r->found) return answer_of(404, "not_found", "the key is absent");
  response answer;
  answer.headers.emplace_back("ETag", etag_of(r->version));
  if (none_match && names_version(*none_match, r->version)) {
    answer.status = 304;
    return answer;
  }
  answer.content_type = "application/octet-stream";
  answer.body = std::string(r->value);
  return answer;
}

void ask(const exchange_ptr& call, cluster_view& view, std::string query,
         const query_options& options, std::function<response(const troupe::response&)> shape) {
  view.group(std::string(processors::key_value::group_name))
      .query(raft::bytes(std::move(query)), options,
             on_strand(
                 call,
                 [call, shape = std::move(shape)](const troupe::response& answered) {
                   call->respond(shape(answered));
                 },
                 [](const error& e) { return answer_of(e); }));
}

void read(const exchange_ptr& call, cluster_view& view, const std::string& key) {
  const auto& r = call->request();
  if (auto refused = reject_key(key)) return call->respond(std::move(*refused));
  const auto query = read_query(r, query_options{}.timeout);
  if (!query) return call->respond(query.error());
  const auto options = read_options(*query);
  if (!options) return call->respond(options.error());
  std::optional<std::string> none_match;
  if (const auto header = r.header("If-None-Match")) none_match = std::string(*header);
  ask(call, view, kv::encode(kv::get{key}), *options,
      [none_match](const troupe::response& answered) { return found(answered, none_match); });
}

response page(const troupe::response& answered) {
  const auto r = kv::decode_list_reply(answered.data.view());
  if (!r) return unreadable(r.error());
  json items = json::array();
  for (const auto& i : r->items) {
    items.push_back({{"key", percent_encode(i.key)},
                     {"version", i.version.value()},
                     {"value", base64_encode(i.value)}});
  }
  json body{{"items", std::move(items)}};
  body["next"] = r->next ? json(percent_encode(*r->next)) : json(nullptr);
  return json_answer(body);
}

void list(const exchange_ptr& call, cluster_view& view) {
  const auto query = read_query(call->request(), query_options{}.timeout);
  if (!query) return call->respond(query.error());
  const auto options = read_options(*query);
  if (!options) return call->respond(options.error());
  kv::list q;
  q.prefix = query->values.find("prefix").value_or("");
  q.from = query->values.find("from").value_or("");
  if (q.prefix.size() > kv::key_bytes_max || q.from.size() > kv::key_bytes_max) {
    return call->respond(invalid_argument("prefix, from: have at most 4096 bytes each"));
  }
  if (const auto text = query->values.find("limit")) {
    const auto limit = parse_number(*text, 1, kv::list_limit_max);
    if (!limit) return call->respond(invalid_argument("limit: is not a number from 1 to 1000"));
    q.limit = static_cast<std::uint32_t>(*limit);
  }
  ask(call, view, kv::encode(q), *options, page);
}

}  // namespace

void add_key_value_routes(router& routes, const view_ptr& view) {
  const std::string one = "/kv/v1/{key...}";
  routes.add("PUT", one, [view](const exchange_ptr& call, const std::string& key) {
    write(call, *view, key, true);
  });
  routes.add("DELETE", one, [view](const exchange_ptr& call, const std::string& key) {
    write(call, *view, key, false);
  });
  routes.add("GET", one,
             [view](const exchange_ptr& call, const std::string& key) { read(call, *view, key); });
  routes.add("GET", "/kv/v1",
             [view](const exchange_ptr& call, const std::string&) { list(call, *view); });
}

}  // namespace troupe::http
