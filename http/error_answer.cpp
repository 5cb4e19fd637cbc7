#include "http/error_answer.hpp"

#include "http/json_answer.hpp"

namespace troupe::http {

unsigned status_of(error_code code) {
  switch (code) {
    case error_code::ok:
      return 200;
    case error_code::no_leader:
      return 503;
    case error_code::not_leader:
      return 421;
    case error_code::overloaded:
      return 429;
    case error_code::term_mismatch:
      return 409;
    case error_code::shutting_down:
      return 503;
    case error_code::unreachable:
      return 503;
    case error_code::read_timed_out:
      return 504;
    case error_code::outcome_unknown:
      return 504;
    case error_code::unknown_group:
      return 404;
    case error_code::unknown_peer:
      return 404;
    case error_code::unparsable_peer:
      return 400;
    case error_code::invalid_argument:
      return 400;
    case error_code::too_large:
      return 413;
    case error_code::refused:
      return 422;
    case error_code::storage_failed:
      return 500;
    case error_code::duplicate_group:
      return 409;
    case error_code::wiped_node:
      return 409;
    case error_code::change_pending:
      return 409;
    case error_code::not_caught_up:
      return 409;
    case error_code::session_expired:
      return 410;
  }
  return 500;
}

response answer_of(const error& why) {
  nlohmann::ordered_json body{
      {"code", name_of(why.code)}, {"message", why.message}, {"retriable", is_retriable(why.code)}};
  if (!why.leader.empty()) body["leader"] = why.leader;
  return json_answer(status_of(why.code), body);
}

response answer_of(unsigned status, std::string_view code, std::string_view message) {
  return json_answer(status, {{"code", code}, {"message", message}, {"retriable", false}});
}

response invalid_argument(std::string message) {
  return answer_of({error_code::invalid_argument, std::move(message), {}});
}

}  // namespace troupe::http
