#include "tests/raft/script/describe.hpp"

namespace troupe::raft::script {

namespace {

std::string list(const std::vector<node_id>& ids) {
  std::string text = "(";
  for (const node_id id : ids) {
    text += (text.size() == 1 ? "" : " ") + to_string(id);
  }
  return text + ")";
}

std::string list(const entries& all) {
  std::string text = "[";
  for (const auto& e : all) {
    text += (text.size() == 1 ? "" : ", ") + describe(*e);
  }
  return text + "]";
}

struct body_text {
  std::string operator()(const append_request& r) const {
    return " previous=" + position(r.previous_term, r.previous_index) +
           " commit=" + to_string(r.commit) + (r.entries.empty() ? "" : " " + list(r.entries));
  }
  std::string operator()(const append_response& r) const {
    if (r.accepted) {
      return " matched=" + to_string(r.matched);
    }
    return " rejected=" + to_string(r.rejected_index) +
           " hint=" + position(r.hint_term, r.hint_index);
  }
  std::string operator()(const vote_request& r) const {
    return " last=" + position(r.last_term, r.last_index) + (r.forced ? " forced" : "");
  }
  std::string operator()(const vote_response& r) const {
    return r.granted ? " granted" : " refused";
  }
  std::string operator()(const heartbeat_request& r) const {
    return " commit=" + to_string(r.commit) + round(r.round) + (r.quiesce ? " quiesce" : "");
  }
  std::string operator()(const heartbeat_response& r) const {
    return round(r.round) + (r.quiesced ? " quiesced" : "");
  }
  std::string operator()(const install_snapshot& r) const {
    return " " + describe(r.point) + " " + quoted(r.source.view());
  }
  std::string operator()(const timeout_now&) const { return ""; }
  std::string operator()(const read_index_request&) const { return ""; }
  std::string operator()(const read_index_response& r) const {
    return r.index.is_none() ? " refused" : " index=" + to_string(r.index);
  }
  static std::string round(read_round r) { return r.is_none() ? "" : " round=" + to_string(r); }
};

struct envelope_text {
  const envelope& e;
  std::string operator()(const message& m) const { return describe(m); }
  std::string operator()(const passed_on& p) const {
    return to_string(e.from) + "->" + to_string(e.to) + " MsgProp " + quoted(p.data.view());
  }
  std::string operator()(const stored& s) const {
    return to_string(e.to) + " hears that write " + to_string(s.sequence) + " is durable";
  }
  std::string operator()(const processed& p) const {
    return to_string(e.to) + " hears that " + to_string(p.index) + " is applied";
  }
};

const char* describe(refusal_code code) {
  switch (code) {
    case refusal_code::not_leader:
      return "not the leader";
    case refusal_code::term_mismatch:
      return "another term was expected";
    case refusal_code::transferring:
      return "leadership is being handed over";
    case refusal_code::overloaded:
      return "overloaded";
    case refusal_code::unknown_peer:
      return "no such member";
    case refusal_code::not_a_voter:
      return "not a voter";
    case refusal_code::change_pending:
      return "another change is pending";
    case refusal_code::invalid_change:
      return "invalid change";
    case refusal_code::not_caught_up:
      return "the learner has not caught up";
    case refusal_code::too_large:
      return "too large";
  }
  return "";
}

}  // namespace

std::string quoted(std::string_view text) {
  static const char digits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 0x20 || u == 0x7f) {
      out += {'\\', 'x', digits[u >> 4U], digits[u & 15U]};
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string position(raft::term t, log_index i) {
  return to_string(t) + "/" + to_string(i);
}

std::string describe(const entry& e) {
  const auto at = position(e.term, e.index) + " ";
  if (e.type != entry_type::configuration) {
    return at + "EntryNormal " + quoted(e.data.view());
  }
  // Changes carry their own text; the one that a leader makes by itself carries none.
  return at + (e.data.empty() ? "EntryConfChangeV2" : std::string(e.data.view()));
}

std::string describe(const message& m) {
  return to_string(m.from) + "->" + to_string(m.to) + " " + name_of(m) +
         " term=" + to_string(m.term) + std::visit(body_text{}, m.body);
}

std::string describe(const envelope& e) {
  return std::visit(envelope_text{e}, e.what);
}

std::string describe(const write& w) {
  std::string text = "write " + to_string(w.sequence) + ":";
  if (w.hard) {
    text += " term=" + to_string(w.hard->term) + " vote=" + to_string(w.hard->vote);
  }
  if (w.snapshot) {
    text += " snapshot " + describe(w.snapshot->point);
  }
  return text + (w.entries.empty() ? "" : " " + list(w.entries));
}

std::string describe(const snapshot_point& p) {
  return position(p.term, p.index) + " " + describe(p.peers);
}

std::string describe(const configuration& peers) {
  std::string text = "voters=" + list(peers.voters);
  if (peers.is_joint()) {
    text += "&&" + list(peers.outgoing);
  }
  if (!peers.learners.empty()) {
    text += " learners=" + list(peers.learners);
  }
  if (!peers.learners_next.empty()) {
    text += " learners_next=" + list(peers.learners_next);
  }
  return text + (peers.auto_leave ? " autoleave" : "");
}

std::string describe(const refusal& r) {
  std::string text = std::string("refused: ") + describe(r.code);
  if (!r.why.empty()) {
    text += ": " + r.why;
  }
  if (r.code == refusal_code::not_leader) {
    text += r.leader.is_none() ? ", and none is known" : ", which is " + to_string(r.leader);
  }
  return text;
}

const char* describe(role r) {
  switch (r) {
    case role::follower:
      return "StateFollower";
    case role::pre_candidate:
      return "StatePreCandidate";
    case role::candidate:
      return "StateCandidate";
    case role::leader:
      return "StateLeader";
  }
  return "";
}

std::string describe(const progress_status& p) {
  static const char* const states[] = {"StateProbe", "StateReplicate", "StateSnapshot"};
  std::string text = to_string(p.id) + ": " + states[static_cast<std::size_t>(p.state)] +
                     " match=" + to_string(p.match) + " next=" + to_string(p.next);
  text += p.learner ? " learner" : "";
  text += p.paused ? " paused" : "";
  text += p.pending_snapshot.is_none() ? "" : " pendingSnap=" + to_string(p.pending_snapshot);
  text += p.recently_active ? "" : " inactive";
  if (p.in_flight > 0) {
    text += " inflight=" + std::to_string(p.in_flight) + (p.in_flight_full ? "[full]" : "");
  }
  return text;
}

}  // namespace troupe::raft::script
