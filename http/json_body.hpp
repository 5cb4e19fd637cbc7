// json_body: JSON from a client, with a bound on how deep it nests: copying and printing a value
// goes down one call a level, and a stack has an end. Knows nothing of what bodies say.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace troupe::http {

/// Nothing that is asked for nests deeper than body > list > element > field.
constexpr int json_depth_max = 8;

/// Discarded when it is no JSON, or too deep.
template <class Json = nlohmann::json>
Json parse_json(std::string_view body) {
  bool is_too_deep = false;
  const auto watch = [&](int depth, typename Json::parse_event_t, Json&) {
    is_too_deep = is_too_deep || depth > json_depth_max;
    return !is_too_deep;  // the parser itself does not recurse, and keeps nothing from here on
  };
  auto parsed = Json::parse(body, watch, false);
  return is_too_deep ? Json(Json::value_t::discarded) : parsed;
}

}  // namespace troupe::http
