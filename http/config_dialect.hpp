// config_dialect: the two versions of the configuration API, where they differ: what a namespace is
// called, how success, refusals and failures are worded. nacos-spec C.3, C.8. Knows nothing of what
// is asked.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "codec/error.hpp"
#include "http/exchange.hpp"
#include "http/nacos_result.hpp"

namespace troupe::http {

enum class config_dialect : std::uint8_t { v1, v2 };

std::string_view tenant_parameter(config_dialect d);

/// v1: the bare value; v2: a Result around it.
response config_answer(config_dialect d, nlohmann::ordered_json data);
/// v1: the text alone; v2: a Result with code and text.
response config_refusal(config_dialect d, unsigned status, nacos_code code,
                        const std::string& text);
/// 400: what a request says is wrong.
response config_invalid(config_dialect d, const std::string& text);
response config_missing(config_dialect d, std::string_view parameter);
/// A write or a read that failed.
response config_failed(config_dialect d, const error& why);

}  // namespace troupe::http
