// What is asked of a member: by its clock, its clients, its operators.
#include <sstream>

#include "tests/raft/script/describe.hpp"
#include "tests/raft/script/verbs.hpp"

namespace troupe::raft::script {

namespace {

void tick(stage& s, node_id id, std::uint64_t count) {
  auto& machine = s.running(id);
  for (std::uint64_t n = 0; n < count; ++n) {
    machine.tick(1);
    s.after_input(s.at(id));
  }
}

void campaign(stage& s, command& c) {
  const auto id = c.take_id();
  c.finish();
  s.running(id).campaign();
  s.after_input(s.at(id));
}

void tick_election(stage& s, command& c) {
  const auto id = c.take_id();
  c.finish();
  tick(s, id, s.at(id).options.election_timeout_ticks);
}

void tick_heartbeat(stage& s, command& c) {
  const auto id = c.take_id();
  c.finish();
  tick(s, id, s.at(id).options.heartbeat_ticks);
}

void tick_count(stage& s, command& c) {
  const auto id = c.take_id();
  const auto count = c.take_number("a number of ticks");
  c.finish();
  tick(s, id, count);
}

void propose(stage& s, command& c) {
  const auto id = c.take_id();
  const auto text = c.take_word("a text");
  const auto t = c.take_number_of("term");
  c.finish();
  s.propose(s.at(id), text, t ? std::optional{term{*t}} : std::nullopt);
  s.after_input(s.at(id));
}

std::vector<member_change> changes_from(const std::vector<std::string>& input) {
  static const std::string letters = "vlru";
  static constexpr change_kind kinds[] = {change_kind::add_voter, change_kind::add_learner,
                                          change_kind::remove, change_kind::update};
  std::vector<member_change> changes;
  for (const auto& line : input) {
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      const auto kind = letters.find(word.front());
      if (kind == std::string::npos) {
        throw script_error("a change is v, l, r or u and an id, not \"" + word + "\"");
      }
      changes.push_back({kinds[kind], node_id{number_from(word.substr(1), "a member's id")}});
    }
  }
  return changes;
}

joint_transition transition_from(const std::string& name) {
  if (name == "auto") {
    return joint_transition::automatic;
  }
  if (name == "implicit") {
    return joint_transition::implicit;
  }
  if (name == "explicit") {
    return joint_transition::explicit_leave;
  }
  throw script_error("there is no transition \"" + name + "\"");
}

void propose_conf_change(stage& s, command& c) {
  const auto id = c.take_id();
  const bool is_simple = c.take_flag("v1").value_or(false);
  configuration_change change;
  change.transition = transition_from(c.take_value("transition").value_or("auto"));
  c.finish();
  change.changes = changes_from(c.input);
  const bool is_one = change.changes.size() == 1;
  if (is_simple && (!is_one || change.transition != joint_transition::automatic)) {
    throw script_error("with v1=true there is one change and no transition");
  }
  std::string text = is_simple ? "EntryConfChange" : "EntryConfChangeV2";
  for (const auto& line : c.input) {
    text += " " + line;
  }
  change.context = bytes(text);
  s.propose_change(s.at(id), change);
  if (s.at(id).machine) {
    s.after_input(s.at(id));
  }
}

void transfer_leadership(stage& s, command& c) {
  const node_id from{c.take_number_of("from").value_or(0)};
  const node_id to{c.take_number_of("to").value_or(0)};
  c.finish();
  const auto asked = s.running(from).transfer_leadership(to);
  if (!asked) {
    s.out.error(describe(asked.error()));
  }
  s.after_input(s.at(from));
}

void forget_leader(stage& s, command& c) {
  const auto id = c.take_id();
  c.finish();
  s.running(id).forget_leader();
  s.after_input(s.at(id));
}

void wake(stage& s, command& c) {
  const auto id = c.take_id();
  c.finish();
  s.running(id).wake();
  s.after_input(s.at(id));
}

void report_unreachable(stage& s, command& c) {
  const auto id = c.take_id();
  const auto peer = c.take_id();
  c.finish();
  s.running(id).unreachable(peer);
  s.after_input(s.at(id));
}

void read(stage& s, command& c) {
  const auto id = c.take_id();
  const auto name = c.take_word("a name");
  c.finish();
  s.read(s.at(id), name);
  s.after_input(s.at(id));
}

constexpr verb verbs[] = {
    {"campaign", campaign},
    {"tick-election", tick_election},
    {"tick-heartbeat", tick_heartbeat},
    {"tick", tick_count},
    {"propose", propose},
    {"propose-conf-change", propose_conf_change},
    {"transfer-leadership", transfer_leadership},
    {"forget-leader", forget_leader},
    {"wake", wake},
    {"report-unreachable", report_unreachable},
    {"read", read},
};

}  // namespace

std::span<const verb> request_verbs() {
  return verbs;
}

}  // namespace troupe::raft::script
