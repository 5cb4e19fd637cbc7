#include "http/server_status.hpp"

#include <string>

#include "http/naming_parameters.hpp"

namespace troupe::http {

namespace {

bool begins_with(std::string_view text, std::string_view part) {
  return text.substr(0, part.size()) == part;
}

/// The switch that closes the server must be within reach, to open it again.
bool is_switch(const request& r) {
  const auto below = r.path.substr(std::string_view("/nacos/v1/ns").size());
  return below == "/operator/switches" || below == "/ops/switches";
}

}  // namespace

std::optional<response> closed_by(const processors::naming::switches& s, bool is_loaded,
                                  const request& r) {
  const bool is_naming = begins_with(r.path, "/nacos/v1/ns/") ||
                         begins_with(r.path, "/nacos/v2/ns/") ||
                         begins_with(r.path, "/nacos/v3/client/ns/");
  if (!is_naming || is_switch(r)) return std::nullopt;
  const auto uri = std::string(r.path) + (r.query.empty() ? "" : '?' + std::string(r.query));
  for (const auto& [begin, code] : s.limited_urls) {
    if (begins_with(uri, begin)) return response{code, {}, {}, {}};
  }
  const auto status = !s.overridden_server_status.empty() ? s.overridden_server_status
                      : is_loaded                         ? "UP"
                                                          : "STARTING";
  const bool reads = r.method == "GET" || r.method == "HEAD";
  const bool is_open =
      status == "UP" || (status == "READ_ONLY" && reads) || (status == "WRITE_ONLY" && !reads);
  if (is_open) return std::nullopt;
  return plain_text(503, "server is " + status + "now, please try again later!");
}

}  // namespace troupe::http
