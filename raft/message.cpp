#include "raft/message.hpp"

#include <algorithm>

namespace troupe::raft {

namespace {

struct namer {
  const char* operator()(const append_request&) const { return "MsgApp"; }
  const char* operator()(const append_response&) const { return "MsgAppResp"; }
  const char* operator()(const vote_request& r) const {
    return r.pre_vote ? "MsgPreVote" : "MsgVote";
  }
  const char* operator()(const vote_response& r) const {
    return r.pre_vote ? "MsgPreVoteResp" : "MsgVoteResp";
  }
  const char* operator()(const heartbeat_request&) const { return "MsgHeartbeat"; }
  const char* operator()(const heartbeat_response&) const { return "MsgHeartbeatResp"; }
  const char* operator()(const install_snapshot&) const { return "MsgSnap"; }
  const char* operator()(const timeout_now&) const { return "MsgTimeoutNow"; }
  const char* operator()(const read_index_request&) const { return "MsgReadIndex"; }
  const char* operator()(const read_index_response&) const { return "MsgReadIndexResp"; }
};

}  // namespace

bool operator==(const append_request& a, const append_request& b) {
  return a.previous_index == b.previous_index && a.previous_term == b.previous_term &&
         a.commit == b.commit &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                    [](const entry_ptr& x, const entry_ptr& y) { return x == y || *x == *y; });
}

const char* name_of(const message& m) {
  return std::visit(namer{}, m.body);
}

}  // namespace troupe::raft
