#include "codec/error.hpp"

namespace troupe {

std::string_view name_of(error_code code) {
  switch (code) {
    case error_code::ok:
      return "ok";
    case error_code::no_leader:
      return "no_leader";
    case error_code::not_leader:
      return "not_leader";
    case error_code::overloaded:
      return "overloaded";
    case error_code::term_mismatch:
      return "term_mismatch";
    case error_code::shutting_down:
      return "shutting_down";
    case error_code::unreachable:
      return "unreachable";
    case error_code::read_timed_out:
      return "read_timed_out";
    case error_code::outcome_unknown:
      return "outcome_unknown";
    case error_code::unknown_group:
      return "unknown_group";
    case error_code::unknown_peer:
      return "unknown_peer";
    case error_code::unparsable_peer:
      return "unparsable_peer";
    case error_code::invalid_argument:
      return "invalid_argument";
    case error_code::too_large:
      return "too_large";
    case error_code::refused:
      return "refused";
    case error_code::storage_failed:
      return "storage_failed";
    case error_code::duplicate_group:
      return "duplicate_group";
    case error_code::wiped_node:
      return "wiped_node";
    case error_code::change_pending:
      return "change_pending";
    case error_code::not_caught_up:
      return "not_caught_up";
    case error_code::session_expired:
      return "session_expired";
  }
  return {};  // a number from outside that stands for no code
}

}  // namespace troupe
