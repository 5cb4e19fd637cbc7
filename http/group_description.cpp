#include "http/group_description.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

std::string_view name_of(raft::role r) {
  switch (r) {
    case raft::role::follower:
      return "follower";
    case raft::role::pre_candidate:
      return "pre_candidate";
    case raft::role::candidate:
      return "candidate";
    case raft::role::leader:
      return "leader";
  }
  return "follower";
}

std::string_view name_of(raft::progress_state s) {
  switch (s) {
    case raft::progress_state::probe:
      return "probe";
    case raft::progress_state::replicate:
      return "replicate";
    case raft::progress_state::snapshot:
      return "snapshot";
  }
  return "unknown";
}

/// Whoever votes in the old configuration only is on its way out.
std::string_view role_of(const raft::configuration& peers, raft::node_id id) {
  if (peers.is_learner(id)) return "learner";
  const bool stays = std::find(peers.voters.begin(), peers.voters.end(), id) != peers.voters.end();
  return stays ? "voter" : "outgoing";
}

std::string address_of(const node_status& node, raft::node_id id) {
  for (const auto& m : node.members) {
    if (m.id == id) return m.peer_address;
  }
  return {};
}

/// To the microsecond.
double milliseconds(std::chrono::nanoseconds time) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time);
  return static_cast<double>(us.count()) / 1000.0;
}

json leader_of(const group_status& g) {
  const auto leader = g.core.soft.leader;
  if (leader.is_none()) return nullptr;
  return {{"id", leader.value()}, {"address", g.leader_address}};
}

/// How far a member is; only the leader knows.
void add_progress(json& m, const raft::core_status& core, raft::node_id id) {
  m["match"] = nullptr;
  m["next"] = nullptr;
  m["state"] = "unknown";
  m["active"] = nullptr;
  if (core.soft.role != raft::role::leader) return;
  if (id == core.self) {
    m["match"] = core.stable.value();
    m["next"] = raft::next(core.last).value();
    m["state"] = "leader";
    m["active"] = true;
    return;
  }
  for (const auto& p : core.progress) {
    if (p.id != id) continue;
    m["match"] = p.match.value();
    m["next"] = p.next.value();
    m["state"] = name_of(p.state);
    m["active"] = p.recently_active;
  }
}

}  // namespace

json describe_group(const node_status& node, const group_status& g) {
  const auto& core = g.core;
  json out{{"name", g.name},
           {"available", g.available},
           {"leader", leader_of(g)},
           {"term", core.soft.term.value()},
           {"role", name_of(core.soft.role)},
           {"first", core.first.value()},
           {"commit", core.commit.value()},
           {"applied", core.applied.value()},
           {"stable", core.stable.value()},
           {"last", core.last.value()},
           {"pending", g.pending_proposals},
           {"apply_longest_ms", milliseconds(g.apply_longest)}};
  out["transferring_to"] =
      core.transferee.is_none() ? json(nullptr) : json(core.transferee.value());
  out["members"] = json::array();
  for (const auto id : core.peers.members()) {
    json m{
        {"id", id.value()}, {"address", address_of(node, id)}, {"voter", core.peers.is_voter(id)}};
    add_progress(m, core, id);
    out["members"].push_back(std::move(m));
  }
  return out;
}

json describe_members(const node_status& node, const group_status& g) {
  const auto& core = g.core;
  json out{{"group", g.name},
           {"leader", leader_of(g)},
           {"role", name_of(core.soft.role)},
           {"joint", core.peers.is_joint()},
           {"committed", core.peers_committed},
           {"members", json::array()}};
  for (const auto id : core.peers.members()) {
    json m{
        {"id", id.value()}, {"address", address_of(node, id)}, {"role", role_of(core.peers, id)}};
    add_progress(m, core, id);
    out["members"].push_back(std::move(m));
  }
  return out;
}

}  // namespace troupe::http
