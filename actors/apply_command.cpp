#include "actors/apply_command.hpp"

#include <exception>

#include "persistence/sessions.hpp"

namespace troupe::actors {
namespace {

using persistence::session_answer;

reply apply_plain(const command& c, persistence::state_write& write, const command_applier& apply) {
  write.set_savepoint();
  reply r;
  try {
    r = apply(c, write);
  } catch (const std::exception& e) {
    r = reply::refused(std::string("the processor failed: ") + e.what());
  } catch (...) {
    r = reply::refused("the processor failed");
  }
  if (!r.success) write.rollback();
  return r;
}

error_code code_of(session_answer::outcome how) {
  switch (how) {
    case session_answer::outcome::expired:
      return error_code::session_expired;
    case session_answer::outcome::limited:
      return error_code::overloaded;
    case session_answer::outcome::not_kept:
      return error_code::too_large;
    case session_answer::outcome::too_late:
      return error_code::invalid_argument;
    default:
      return error_code::refused;
  }
}

reply to_reply(const session_answer& a) {
  if (a.how == session_answer::outcome::applied) {
    reply r = reply::ok(a.text);
    r.index = a.index;
    r.term = a.term;
    return r;
  }
  reply r = reply::refused(a.text);
  r.code = code_of(a.how);
  return r;
}

session_answer to_answer(const command& c, const reply& r) {
  const auto how = r.success ? session_answer::outcome::applied : session_answer::outcome::refused;
  return {how, r.success ? r.data : r.error, c.index, c.term};
}

}  // namespace

reply apply_command(const command& c, persistence::state_write& write,
                    const command_applier& apply) {
  if (!c.in_session) return apply_plain(c, write, apply);
  const auto sent = codec::decode_session(c.data);
  if (!sent) return reply::refused(sent.error().what);
  persistence::sessions known(write.own());
  if (sent->header.client == 0) return to_reply(known.open(sent->header, c.index, c.term));
  const auto decided = known.begin(sent->header);
  if (const auto* answered = std::get_if<session_answer>(&decided)) return to_reply(*answered);
  auto r = apply_plain({c.index, c.term, sent->command, false}, write, apply);
  known.remember(sent->header, to_answer(c, r));
  return r;
}

}  // namespace troupe::actors
