// error_answer: an error as an HTTP response, the form that docs/http-api.md promises for
// everything outside /nacos.
#pragma once

#include <string>
#include <string_view>

#include "codec/error.hpp"
#include "http/exchange.hpp"

namespace troupe::http {

constexpr std::string_view json_type = "application/json";

unsigned status_of(error_code code);

/// {"code":…,"message":…,"retriable":…}, with "leader" when the error names one.
response answer_of(const error& why);

/// Errors that only HTTP has: not_found, method_not_allowed, version_mismatch.
response answer_of(unsigned status, std::string_view code, std::string_view message);

response invalid_argument(std::string message);

}  // namespace troupe::http
