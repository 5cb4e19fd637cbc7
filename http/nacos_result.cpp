#include "http/nacos_result.hpp"

#include <algorithm>
#include <utility>

#include "codec/invariant.hpp"
#include "http/json_answer.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

struct code_text {
  nacos_code code;
  std::string_view text;
};

// Texts as every Nacos server says them: some clients show them, some compare them.
constexpr code_text texts[] = {
    {nacos_code::success, "success"},
    {nacos_code::cluster_quota_reached, "cluster capacity reach quota"},
    {nacos_code::group_quota_reached, "group capacity reach quota"},
    {nacos_code::tenant_quota_reached, "tenant capacity reach quota"},
    {nacos_code::content_too_large, "config content size is over limit"},
    {nacos_code::parameter_missing, "parameter missing"},
    {nacos_code::access_denied, "access denied"},
    {nacos_code::data_access_error, "data access error"},
    {nacos_code::tenant_parameter_error, "'tenant' parameter error"},
    {nacos_code::parameter_validate_error, "parameter validate error"},
    {nacos_code::media_type_error, "MediaType Error"},
    {nacos_code::resource_not_found, "resource not found"},
    {nacos_code::resource_conflict, "resource conflict"},
    {nacos_code::config_listener_is_null, "config listener is null"},
    {nacos_code::config_listener_error, "config listener error"},
    {nacos_code::invalid_data_id, "invalid dataId"},
    {nacos_code::parameter_mismatch, "parameter mismatch"},
    {nacos_code::gray_over_max_version_count, "config gray over max version count"},
    {nacos_code::gray_rule_format_invalid, "config gray rule format invalid"},
    {nacos_code::gray_version_invalid, "config gray version invalid"},
    {nacos_code::gray_name_not_recognized, "config gray name not recognized"},
    {nacos_code::service_name_error, "service name error"},
    {nacos_code::weight_error, "weight error"},
    {nacos_code::instance_metadata_error, "instance metadata error"},
    {nacos_code::instance_not_found, "instance not found"},
    {nacos_code::instance_error, "instance error"},
    {nacos_code::service_metadata_error, "service metadata error"},
    {nacos_code::selector_error, "selector error"},
    {nacos_code::service_already_exist, "service already exist"},
    {nacos_code::service_not_exist, "service not exist"},
    {nacos_code::service_delete_failure, "service delete failure"},
    {nacos_code::healthy_parameter_missing, "healthy param miss"},
    {nacos_code::health_check_still_running, "health check still running"},
    {nacos_code::illegal_namespace, "illegal namespace"},
    {nacos_code::namespace_not_exist, "namespace not exist"},
    {nacos_code::namespace_already_exist, "namespace already exist"},
    {nacos_code::illegal_state, "illegal state"},
    {nacos_code::node_info_error, "node info error"},
    {nacos_code::node_down_failure, "node down failure"},
    {nacos_code::server_error, "server error"},
};

json envelope(unsigned code, json message, json data) {
  json out = json::object();
  out["code"] = code;
  out["message"] = std::move(message);
  out["data"] = std::move(data);
  return out;
}

}  // namespace

std::string_view text_of(nacos_code code) {
  const auto* found = std::find_if(std::begin(texts), std::end(texts),
                                   [code](const code_text& t) { return t.code == code; });
  if (found == std::end(texts)) codec::broken_invariant("a Nacos error code without a text");
  return found->text;
}

response result_ok(json data) {
  return json_answer(200, envelope(0, text_of(nacos_code::success), std::move(data)));
}

response result_error(unsigned status, nacos_code code, json detail) {
  return json_answer(status,
                     envelope(static_cast<unsigned>(code), text_of(code), std::move(detail)));
}

response result_missing(std::string_view parameter) {
  return result_error(
      400, nacos_code::parameter_missing,
      "Required parameter '" + std::string(parameter) + "' type String is not present");
}

response result_failed(const error& why, std::string_view raft_group) {
  const auto text = failure_text(why, raft_group);
  if (why.code == error_code::invalid_argument || why.code == error_code::too_large) {
    return result_error(400, nacos_code::parameter_validate_error, text);
  }
  return result_error(500, nacos_code::server_error, text);
}

std::string failure_text(const error& why, std::string_view raft_group) {
  if (why.code == error_code::no_leader || why.code == error_code::not_leader) {
    return "The Raft Group [" + std::string(raft_group) + "] did not find the Leader node";
  }
  return why.message.empty() ? std::string(name_of(why.code)) : why.message;
}

response rest_result(unsigned code, std::string_view message, json data) {
  return json_answer(
      200, envelope(code, message.empty() ? json(nullptr) : json(message), std::move(data)));
}

response rest_result_ok(json data) {
  return rest_result(200, {}, std::move(data));
}

}  // namespace troupe::http
