// What goes wrong, and what operators and storage do beside the protocol: crashes, failed writes,
// cut links, snapshots, forged and repeated messages.
#include "tests/raft/script/describe.hpp"
#include "tests/raft/script/verbs.hpp"

namespace troupe::raft::script {

namespace {

// What was not durable is lost; with applied= the state store loses what it had not synced.
void crash(stage& s, command& c) {
  auto& m = s.at(c.take_id());
  const auto applied = c.take_number_of("applied");
  c.finish();
  s.stop(m);
  if (applied) {
    m.fall_back_to(log_index{*applied});
  }
  s.start(m);
}

void stop(stage& s, command& c) {
  auto& m = s.at(c.take_id());
  c.finish();
  s.stop(m);
}

// In order when it is up: everything queued is done first.
void restart(stage& s, command& c) {
  auto& m = s.at(c.take_id());
  c.finish();
  if (m.machine) {
    s.process_queues(m);
    s.stop(m);
  }
  s.start(m);
}

void fail_append(stage& s, command& c) {
  auto& m = s.at(c.take_id());
  const bool is_persisted = c.take_flag("persisted").value_or(false);
  c.finish();
  m.fails_next_append = true;
  m.keeps_failed_append = is_persisted;
}

void stall_storage(stage& s, command& c) {
  auto& m = s.at(c.take_id());
  const bool is_over = c.take_flag("over").value_or(false);
  c.finish();
  s.running(m.id()).storage_stalled(!is_over);
  s.after_input(m);
}

void isolate(stage& s, command& c) {
  for (const node_id id : c.take_ids()) {
    s.wire.isolate(s.at(id).id());
  }
  c.finish();
}

void heal(stage& s, command& c) {
  c.finish();
  s.wire.heal();
}

void compact(stage& s, command& c) {
  auto& m = s.at(c.take_id());
  const log_index index{c.take_number("an index")};
  c.finish();
  if (index > m.durable.applied) {
    throw not_possible(to_string(index) + " is not applied, only " + to_string(m.durable.applied));
  }
  s.running(m.id()).compacted(index);
  m.durable.compact_to(index);
  s.after_input(m);
}

void send_snapshot(stage& s, command& c) {
  auto& from = s.at(c.take_id());
  const auto to = c.take_id();
  c.finish();
  const auto t = s.running(from.id()).soft().term;
  s.post({from.id(), to, message{from.id(), to, t, from.snapshot()}});
}

void provide_snapshot(stage& s, command& c) {
  auto& m = s.at(c.take_id());
  const auto to = c.take_id();
  c.finish();
  s.provide_snapshot(m, to);
  s.after_input(m);
}

void report_snapshot(stage& s, command& c) {
  auto& m = s.at(c.take_id());
  const auto to = c.take_id();
  const auto outcome = c.take_word("ok or failed");
  c.finish();
  if (outcome != "ok" && outcome != "failed") {
    throw script_error("a snapshot ends ok or failed, not \"" + outcome + "\"");
  }
  s.running(m.id()).snapshot_finished(to, outcome == "ok");
  s.after_input(m);
}

// ---- forged messages ------------------------------------------------------------------------

struct term_and_index {
  term t;
  log_index i;
};

/// `2/13`
term_and_index position_from(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) {
    throw script_error("a position is term/index, not \"" + text + "\"");
  }
  return {term{number_from(text.substr(0, slash), "a term")},
          log_index{number_from(text.substr(slash + 1), "an index")}};
}

message_body append_from(command& c) {
  append_request r;
  const auto before = position_from(c.take_value("previous").value_or("0/0"));
  r.previous_term = before.t;
  r.previous_index = before.i;
  r.commit = log_index{c.take_number_of("commit").value_or(0)};
  for (const auto& text : c.take_values("entries").value_or(std::vector<std::string>{})) {
    const auto at = position_from(text);
    entry e;
    e.term = at.t;
    e.index = at.i;
    e.type = entry_type::data;
    e.data = bytes(text);
    r.entries.push_back(std::make_shared<const entry>(std::move(e)));
  }
  return r;
}

message_body body_from(const std::string& type, command& c) {
  if (type == "MsgApp") {
    return append_from(c);
  }
  if (type == "MsgHeartbeat") {
    return heartbeat_request{.commit = log_index{c.take_number_of("commit").value_or(0)},
                             .round = read_round{c.take_number_of("round").value_or(0)}};
  }
  if (type == "MsgHeartbeatResp") {
    return heartbeat_response{.round = read_round{c.take_number_of("round").value_or(0)}};
  }
  if (type == "MsgVote" || type == "MsgPreVote") {
    const auto last = position_from(c.take_value("last").value_or("0/0"));
    return vote_request{.pre_vote = type == "MsgPreVote",
                        .forced = c.take_flag("forced").value_or(false),
                        .last_index = last.i,
                        .last_term = last.t};
  }
  if (type == "MsgTimeoutNow") {
    return timeout_now{};
  }
  throw script_error("send-msg cannot make \"" + type + "\"");
}

// A message as a member might have sent it that this script does not play.
void send_msg(stage& s, command& c) {
  const node_id from{c.take_number_of("from").value_or(0)};
  const node_id to{c.take_number_of("to").value_or(0)};
  const term t{c.take_number_of("term").value_or(0)};
  auto body = body_from(c.take_value("type").value_or(""), c);
  c.finish();
  static_cast<void>(s.at(to));
  envelope e{from, to, message{from, to, t, std::move(body)}};
  s.out.info(describe(e));
  s.wire.post(std::move(e));
}

constexpr verb verbs[] = {
    {"crash", crash},
    {"stop", stop},
    {"restart", restart},
    {"fail-append", fail_append},
    {"stall-storage", stall_storage},
    {"isolate", isolate},
    {"heal", heal},
    {"compact", compact},
    {"send-snapshot", send_snapshot},
    {"provide-snapshot", provide_snapshot},
    {"report-snapshot", report_snapshot},
    {"send-msg", send_msg},
};

}  // namespace

std::span<const verb> fault_verbs() {
  return verbs;
}

}  // namespace troupe::raft::script
