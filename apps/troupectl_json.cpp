#include "apps/troupectl_commands.hpp"
#include "apps/troupectl_text.hpp"

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

nlohmann::json ask_for_json(const session& s, const std::string& endpoint,
                            const std::string& target) {
  const auto answer = s.client.ask(endpoint, {"GET", target, {}, {}});
  if (!answer) return nullptr;
  const auto body = nlohmann::json::parse(answer->body, nullptr, false);
  return body.is_discarded() ? nlohmann::json(nullptr) : body;
}

raft::expected<nlohmann::json, failure> best_view(session& s, const std::string& target) {
  auto first = send_for_json(s, {"GET", target, {}, {}});
  if (!first || first->at("role") == "leader") return first;
  for (const auto& endpoint : s.client.endpoints()) {
    const auto view = ask_for_json(s, endpoint, target);
    if (view.is_object() && view.value("role", "") == "leader") return view;
  }
  return first;
}

std::string group_target(const std::string& group) {
  return "/admin/v1/groups/" + percent_encode(group);
}

std::string cell(const nlohmann::json& value) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace troupe::apps
