// What clients ask a member for, and what a host does about the answers.
#include <array>
#include <utility>

#include "tests/raft/script/describe.hpp"
#include "tests/raft/script/stage.hpp"

namespace troupe::raft::script {

void stage::pass_on(member& m, passed_on request) {
  const auto leader = m.machine->soft().leader;
  post({m.id(), leader, std::move(request)});
}

void stage::propose(member& m, const std::string& text, std::optional<term> expected) {
  const std::array commands = {bytes(text)};
  const auto put = running(m.id()).propose(commands, expected);
  if (put) {
    out.debug("proposed at " + position(put->term, put->first));
  } else if (put.error().code == refusal_code::not_leader && !put.error().leader.is_none() &&
             put.error().leader != m.id()) {
    pass_on(m, {.is_change = false, .data = bytes(text), .change = {}});
  } else {
    out.error(describe(put.error()));
  }
}

void stage::propose_change(member& m, const configuration_change& change) {
  auto& machine = running(m.id());
  const auto put = machine.propose_configuration(change);
  if (put) {
    out.debug("proposed at " + position(put->term, put->first));
    return;
  }
  const auto& refused = put.error();
  const bool waits_for_term =
      refused.code == refusal_code::change_pending && machine.commit() < m.first_of_term;
  if (refused.code == refusal_code::not_leader && !refused.leader.is_none() &&
      refused.leader != m.id()) {
    pass_on(m, {.is_change = true, .data = change.context, .change = change});
  } else if (waits_for_term) {
    // Thesis §4.1: a change waits for the leader's first entry; a client would ask again.
    out.warn("kept until an entry of term " + to_string(machine.soft().term) +
             " is committed: " + std::string(change.context.view()));
    m.kept_changes.push_back(change);
  } else {
    out.error(describe(refused));
  }
}

void stage::propose_kept(member& m) {
  const bool is_due = !m.kept_changes.empty() && (m.machine->soft().role != role::leader ||
                                                  m.machine->commit() >= m.first_of_term);
  if (!is_due) {
    return;
  }
  for (const auto& change : std::exchange(m.kept_changes, {})) {
    out.warn("proposed again: " + std::string(change.context.view()));
    propose_change(m, change);
  }
  after_input(m);
}

// ---- reads ----------------------------------------------------------------------------------

// A name that is used again is the same id again, as a careless host might do.
read_id stage::id_of(const std::string& name) {
  return reads_.emplace(name, read_id{reads_.size() + 1}).first->second;
}

void stage::read(member& m, const std::string& name) {
  const auto id = id_of(name);
  const auto asked = running(m.id()).read(id);
  if (asked) {
    truth.read_asked(m.id(), id);
  } else {
    out.error(describe(asked.error()));
  }
}

void stage::tell_read_results() {
  std::vector<read_result> waiting;
  for (const auto& r : std::exchange(results_, {})) {
    const auto& m = at(r.asker);
    const auto who = to_string(r.asker) + ": " + r.name;
    if (r.index.is_none()) {
      out.answer(who + " failed");
    } else if (m.durable.applied < r.index) {
      out.answer(who + " waits for " + to_string(r.index));
      waiting.push_back(r);
    } else {
      out.answer(who + " " + quoted(m.content()) + " at " + to_string(r.index));
    }
  }
  results_ = std::move(waiting);
}

}  // namespace troupe::raft::script
