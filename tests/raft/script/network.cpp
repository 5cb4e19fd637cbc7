#include "tests/raft/script/network.hpp"

#include <algorithm>

#include "tests/raft/script/script_file.hpp"

namespace troupe::raft::script {

namespace {

struct type_name {
  std::string operator()(const message& m) const { return name_of(m); }
  std::string operator()(const passed_on&) const { return "MsgProp"; }
  std::string operator()(const stored&) const { return "MsgStorageAppendResp"; }
  std::string operator()(const processed&) const { return "MsgStorageApplyResp"; }
};

}  // namespace

std::string envelope::type() const {
  return std::visit(type_name{}, what);
}

void require_type(const std::string& name) {
  static const std::set<std::string> names = {
      "MsgApp",       "MsgAppResp",       "MsgVote",
      "MsgVoteResp",  "MsgPreVote",       "MsgPreVoteResp",
      "MsgSnap",      "MsgHeartbeat",     "MsgHeartbeatResp",
      "MsgProp",      "MsgTimeoutNow",    "MsgStorageAppendResp",
      "MsgReadIndex", "MsgReadIndexResp", "MsgStorageApplyResp"};
  if (names.count(name) == 0) {
    throw script_error("there is no message type \"" + name + "\"");
  }
}

bool network::post(envelope e) {
  const bool is_cut = isolated_.count(e.from) != 0 || isolated_.count(e.to) != 0;
  if (is_cut && !e.is_local()) {
    return false;
  }
  wire_.push_back(std::move(e));
  return true;
}

std::vector<envelope> network::take(const delivery& d, bool keep, bool is_drop) {
  std::vector<envelope> taken;
  std::vector<envelope> rest;
  for (auto& e : wire_) {
    const bool fits = e.to == d.to && (d.type.empty() || e.type() == d.type) &&
                      (!d.from || e.from == *d.from) && !(is_drop && e.is_local());
    if (fits) {
      taken.push_back(e);
    }
    if (!fits || (keep && !e.is_local())) {
      rest.push_back(std::move(e));
    }
  }
  wire_ = std::move(rest);
  return taken;
}

bool network::has_for(node_id to) const {
  return std::any_of(wire_.begin(), wire_.end(), [to](const auto& e) { return e.to == to; });
}

void network::forget_local(node_id of) {
  std::erase_if(wire_, [of](const envelope& e) { return e.to == of && e.is_local(); });
}

}  // namespace troupe::raft::script
