#include "apps/troupectl_commands.hpp"

namespace troupe::apps {

raft::expected<nlohmann::json, failure> send_for_json(session& s, const http_request& request) {
  const auto answer = s.client.send(request);
  if (!answer) return raft::unexpected<failure>(answer.error());
  auto body = nlohmann::json::parse(answer->body, nullptr, false);
  if (body.is_discarded()) {
    return raft::unexpected<failure>(
        {exit_refused, "the answer to " + request.target + " is not JSON; is this a Troupe node?"});
  }
  return body;
}

std::string cell(const nlohmann::json& value) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace troupe::apps
