#include "http/config_dialect.hpp"

#include "http/json_answer.hpp"
#include "http/naming_parameters.hpp"
#include "processors/configuration.hpp"

namespace troupe::http {

std::string_view tenant_parameter(config_dialect d) {
  return d == config_dialect::v1 ? "tenant" : "namespaceId";
}

response config_answer(config_dialect d, nlohmann::ordered_json data) {
  return d == config_dialect::v1 ? json_answer(data) : result_ok(std::move(data));
}

response config_refusal(config_dialect d, unsigned status, nacos_code code,
                        const std::string& text) {
  return d == config_dialect::v1 ? plain_text(status, text) : result_error(status, code, text);
}

response config_invalid(config_dialect d, const std::string& text) {
  return config_refusal(d, 400, nacos_code::parameter_validate_error, text);
}

response config_missing(config_dialect d, std::string_view parameter) {
  if (d == config_dialect::v2) return result_missing(parameter);
  return plain_text(400, "Parameter '" + std::string(parameter) + "' is missing");
}

response config_failed(config_dialect d, const error& why) {
  constexpr auto group = processors::configuration::group_name;
  if (d == config_dialect::v2) return result_failed(why, group);
  const auto text = failure_text(why, group);
  if (why.code == error_code::invalid_argument || why.code == error_code::too_large) {
    return plain_text(400, text);
  }
  // nacos-spec A.4.2: clients try the next server on 5xx.
  return plain_text(500, "caused: " + text + ";");
}

}  // namespace troupe::http
