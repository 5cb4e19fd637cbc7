// Where the members stand.
#include "tests/raft/script/describe.hpp"
#include "tests/raft/script/verbs.hpp"

namespace troupe::raft::script {

namespace {

void raft_state(stage& s, command& c) {
  c.finish();
  for (const auto& m : s.members()) {
    if (!m->machine) {
      s.out.answer(to_string(m->id()) + ": down");
      continue;
    }
    const auto& soft = m->machine->soft();
    const bool is_voter = m->machine->peers().is_voter(m->id());
    s.out.answer(to_string(m->id()) + ": " + describe(soft.role) +
                 (is_voter ? " (Voter)" : " (Non-Voter)") + " Term:" + to_string(soft.term) +
                 " Lead:" + to_string(soft.leader));
  }
}

void raft_log(stage& s, command& c) {
  const auto& d = s.at(c.take_id()).durable;
  c.finish();
  if (d.log.empty()) {
    s.out.answer("log is empty: first index=" + to_string(next(d.snapshot.index)) +
                 ", last index=" + to_string(d.last()));
  }
  for (const auto& e : d.log) {
    s.out.answer(describe(*e));
  }
}

void status(stage& s, command& c) {
  const auto id = c.take_id();
  c.finish();
  for (const auto& p : s.running(id).status().progress) {
    s.out.answer(describe(p));
  }
}

template <class Line>
void tell_each(stage& s, command& c, const Line& line) {
  auto ids = c.take_ids();
  c.finish();
  for (const node_id id : ids.empty() ? s.ids() : ids) {
    const auto& m = s.at(id);
    s.out.answer(to_string(id) + ": " + (m.machine ? line(m) : std::string("down")));
  }
}

void indexes(stage& s, command& c) {
  tell_each(s, c, [](const member& m) {
    const auto at = m.machine->status();
    return "commit=" + to_string(at.commit) + " applied=" + to_string(at.applied) +
           " first=" + to_string(at.first) + " stable=" + to_string(at.stable) +
           " last=" + to_string(at.last);
  });
}

void hard_state_of(stage& s, command& c) {
  tell_each(s, c, [](const member& m) {
    const auto& hard = m.durable.hard;
    return "term=" + to_string(hard.term) + " vote=" + to_string(hard.vote);
  });
}

void configuration_of(stage& s, command& c) {
  tell_each(s, c, [](const member& m) { return describe(m.machine->peers()); });
}

void state(stage& s, command& c) {
  tell_each(s, c, [](const member& m) {
    return quoted(m.content()) + " at " + to_string(m.durable.applied);
  });
}

void quiesced(stage& s, command& c) {
  tell_each(s, c, [](const member& m) {
    return std::string(m.machine->status().quiesced ? "silent" : "awake");
  });
}

void compactable(stage& s, command& c) {
  tell_each(s, c, [](const member& m) { return to_string(m.machine->compactable()); });
}

void read_results(stage& s, command& c) {
  c.finish();
  s.tell_read_results();
}

void invariants_held(stage& s, command& c) {
  c.finish();
  s.out.answer("leaders=" + std::to_string(s.truth.leader_count()) +
               " chosen=" + to_string(s.truth.chosen()));
}

constexpr verb verbs[] = {
    {"raft-state", raft_state},
    {"raft-log", raft_log},
    {"status", status},
    {"indexes", indexes},
    {"hard-state", hard_state_of},
    {"configuration", configuration_of},
    {"state", state},
    {"quiesced", quiesced},
    {"compactable", compactable},
    {"read-results", read_results},
    {"invariants", invariants_held},
};

}  // namespace

std::span<const verb> query_verbs() {
  return verbs;
}

}  // namespace troupe::raft::script
