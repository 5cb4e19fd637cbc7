#include "http/router.hpp"

#include <optional>
#include <utility>

#include "http/error_answer.hpp"
#include "http/text_forms.hpp"

namespace troupe::http {

namespace {

bool begins_with_segment(std::string_view path, std::string_view prefix) {
  return path.substr(0, prefix.size()) == prefix &&
         (path.size() == prefix.size() || path[prefix.size()] == '/');
}

/// nacos-spec C.1: an unknown method or path of the naming API is 501, elsewhere 404 and 405.
response nacos_unknown(const request& r, const std::string& allowed) {
  const std::string text = "text/plain;charset=UTF-8";
  if (begins_with_segment(r.path, "/nacos/v1/ns")) {
    return {501, "no such api:" + std::string(r.method) + ":" + std::string(r.path), text, {}};
  }
  if (!allowed.empty()) return {405, "method not allowed", text, {{"Allow", allowed}}};
  return {404, "not found", text, {}};
}

response unknown(const request& r, const std::string& allowed) {
  if (begins_with_segment(r.path, "/nacos")) return nacos_unknown(r, allowed);
  if (allowed.empty()) {
    return answer_of(404, "not_found", "there is nothing at " + std::string(r.path));
  }
  auto answer =
      answer_of(405, "method_not_allowed", std::string(r.method) + " is not among " + allowed);
  answer.headers.emplace_back("Allow", allowed);
  return answer;
}

}  // namespace

void router::add(std::string method, std::string pattern, handler handle) {
  entry e;
  e.method = std::move(method);
  e.handle = std::move(handle);
  const auto open = pattern.find('{');
  e.captures = open != std::string::npos;
  e.before = pattern.substr(0, open);
  if (e.captures) {
    const auto close = pattern.find('}', open);
    e.tail = pattern.compare(close - 3, 3, "...") == 0;
    e.after = pattern.substr(close + 1);
  }
  entries_.push_back(std::move(e));
}

bool router::entry::matches(std::string_view path, std::string_view& captured) const {
  if (!captures) return path == before;
  if (path.size() < before.size() + after.size()) return false;
  if (path.substr(0, before.size()) != before) return false;
  if (path.substr(path.size() - after.size()) != after) return false;
  captured = path.substr(before.size(), path.size() - before.size() - after.size());
  return tail || (!captured.empty() && captured.find('/') == std::string_view::npos);
}

void router::route(const exchange_ptr& call) const {
  const auto& r = call->request();
  std::string allowed;
  for (const auto& e : entries_) {
    std::string_view captured;
    if (!e.matches(r.path, captured)) continue;
    if (e.method == r.method || (r.method == "HEAD" && e.method == "GET")) {
      auto decoded = percent_decode(captured);
      if (!decoded) {
        call->respond(invalid_argument("path: a '%' is not followed by two hexadecimal digits"));
        return;
      }
      if (!gate_) return e.handle(call, std::move(*decoded));
      return gate_(call, [call, &handle = e.handle, captured = std::move(*decoded)]() mutable {
        handle(call, std::move(captured));
      });
    }
    allowed.append(allowed.empty() ? "" : ", ").append(e.method);
  }
  call->respond(unknown(r, allowed));
}

}  // namespace troupe::http
