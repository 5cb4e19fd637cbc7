// json_answer: a JSON value as a response. Knows nothing of what it says.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "http/error_answer.hpp"

namespace troupe::http {

/// Texts may quote what a client sent: bytes that are no UTF-8 are replaced and do not throw.
inline response json_answer(unsigned status, const nlohmann::ordered_json& body) {
  return {status,
          body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
          std::string(json_type),
          {}};
}

inline response json_answer(const nlohmann::ordered_json& body) {
  return json_answer(200, body);
}

}  // namespace troupe::http
