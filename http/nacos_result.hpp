// nacos_result: the JSON envelopes of the Nacos API: Result of v2 with its error codes, RestResult
// of those v1 calls that have one (nacos-spec C.3). Knows nothing of what the data says.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "codec/error.hpp"
#include "http/exchange.hpp"

namespace troupe::http {

/// Clients compare the numbers: never change.
enum class nacos_code : std::uint16_t {
  success = 0,
  cluster_quota_reached = 5031,
  group_quota_reached = 5032,
  tenant_quota_reached = 5033,
  content_too_large = 5034,
  parameter_missing = 10000,
  access_denied = 10001,
  data_access_error = 10002,
  tenant_parameter_error = 20001,
  parameter_validate_error = 20002,
  media_type_error = 20003,
  resource_not_found = 20004,
  resource_conflict = 20005,
  config_listener_is_null = 20006,
  config_listener_error = 20007,
  invalid_data_id = 20008,
  parameter_mismatch = 20009,
  gray_over_max_version_count = 20010,
  gray_rule_format_invalid = 20011,
  gray_version_invalid = 20012,
  gray_name_not_recognized = 20013,
  service_name_error = 21000,
  weight_error = 21001,
  instance_metadata_error = 21002,
  instance_not_found = 21003,
  instance_error = 21004,
  service_metadata_error = 21005,
  selector_error = 21006,
  service_already_exist = 21007,
  service_not_exist = 21008,
  service_delete_failure = 21009,
  healthy_parameter_missing = 21010,
  health_check_still_running = 21011,
  illegal_namespace = 22000,
  namespace_not_exist = 22001,
  namespace_already_exist = 22002,
  illegal_state = 23000,
  node_info_error = 23001,
  node_down_failure = 23002,
  server_error = 30000,
};

/// What stands as "message" beside the code.
std::string_view text_of(nacos_code code);

/// 200 {"code":0,"message":"success","data":…}
response result_ok(nlohmann::ordered_json data);
/// `status` {"code":…,"message":"<text of the code>","data":"<detail>"}
response result_error(unsigned status, nacos_code code, nlohmann::ordered_json detail);
/// 400, code 10000: a parameter that a form must have.
response result_missing(std::string_view parameter);
/// What a failed read or write of a Raft group answers: 500, or 400 when the request was wrong.
/// nacos-spec A.4.2.
response result_failed(const error& why, std::string_view raft_group);

/// The detail of such a failure, as v1 says it too: "The Raft Group [g] did not find the Leader
/// node" when there is no leader, else the error's own message.
std::string failure_text(const error& why, std::string_view raft_group);

/// {"code":…,"message":…,"data":…} with HTTP status 200; `message` empty: null.
response rest_result(unsigned code, std::string_view message, nlohmann::ordered_json data);
response rest_result_ok(nlohmann::ordered_json data);

}  // namespace troupe::http
