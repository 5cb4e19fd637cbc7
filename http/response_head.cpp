#include "http/response_head.hpp"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <string_view>

namespace troupe::http {

namespace {

/// Most fit: status line, server, type and length with two short headers.
constexpr std::size_t usual_bytes = 256;

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const auto begin = out.size();
  out.append(value);
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  out.append("\r\n");
}

}  // namespace

std::string response_head(const response& answer, const answer_terms& terms) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(answer.status));
  std::string out;
  out.reserve(usual_bytes);
  out.append(terms.version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ").append(std::to_string(answer.status));
  out.append(" ").append(reason.data(), reason.size()).append("\r\nServer: troupe\r\n");
  if (!answer.content_type.empty()) append_line(out, "Content-Type", answer.content_type);
  for (const auto& [name, value] : answer.headers) append_line(out, name, value);
  if (terms.version == 10 && terms.keep_alive) out.append("Connection: keep-alive\r\n");
  if (terms.version != 10 && !terms.keep_alive) out.append("Connection: close\r\n");
  if (answer.status != 304) {
    append_line(out, "Content-Length", std::to_string(answer.body.size()));
  }
  return out.append("\r\n");
}

}  // namespace troupe::http
