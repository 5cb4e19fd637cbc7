#include "http/naming_dialect.hpp"

#include <utility>

#include "http/json_answer.hpp"
#include "http/naming_parameters.hpp"

namespace troupe::http {

response naming_dialect::done() const {
  return v1_ ? plain_text(200, "ok") : result_ok("ok");
}

response naming_dialect::data(nlohmann::ordered_json value) const {
  if (!v1_) return result_ok(std::move(value));
  auto bare = json_answer(value);
  bare.content_type = "application/json;charset=UTF-8";
  return bare;
}

response naming_dialect::refused(nacos_code code, std::string text, unsigned status) const {
  return v1_ ? plain_text(status, std::move(text)) : result_error(status, code, std::move(text));
}

response naming_dialect::missing(std::string_view parameter) const {
  return v1_ ? plain_text(400, "Param '" + std::string(parameter) + "' is required.")
             : result_missing(parameter);
}

response naming_dialect::dressed(response plain, nacos_code code) const {
  return v1_ ? std::move(plain) : result_error(plain.status, code, std::move(plain.body));
}

response naming_dialect::failed(const error& why, std::string_view raft_group) const {
  if (!v1_) return result_failed(why, raft_group);
  const auto text = failure_text(why, raft_group);
  const bool was_wrong =
      why.code == error_code::invalid_argument || why.code == error_code::too_large;
  return was_wrong ? plain_text(400, text) : plain_text(500, "caused: " + text + ";");
}

}  // namespace troupe::http
