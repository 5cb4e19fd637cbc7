#include "raft/configuration_change.hpp"

#include <algorithm>
#include <iterator>

namespace troupe::raft {

namespace {

void erase(std::vector<node_id>& ids, node_id id) {
  std::erase(ids, id);
}

void insert(std::vector<node_id>& ids, node_id id) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) {
    ids.insert(at, id);
  }
}

void perform(configuration& peers, const member_change& change) {
  if (change.kind == change_kind::update) {
    return;
  }
  erase(peers.voters, change.id);
  erase(peers.learners, change.id);
  if (change.kind == change_kind::add_voter) {
    insert(peers.voters, change.id);
  } else if (change.kind == change_kind::add_learner) {
    insert(peers.learners, change.id);
  }
}

/// Thesis §4.3: C_old,new. A voter that becomes a learner votes until the phase ends.
configuration enter_joint(const configuration& old, configuration target) {
  configuration joint = std::move(target);
  joint.outgoing = old.voters;
  const auto still_votes = [&joint](node_id id) {
    return std::binary_search(joint.outgoing.begin(), joint.outgoing.end(), id);
  };
  std::copy_if(joint.learners.begin(), joint.learners.end(),
               std::back_inserter(joint.learners_next), still_votes);
  std::erase_if(joint.learners, still_votes);
  return joint;
}

}  // namespace

expected<configuration, std::string> next_configuration(const configuration& now,
                                                        const configuration_change& change) {
  if (change.changes.empty()) {
    if (!now.is_joint()) {
      return unexpected{std::string("there is no joint configuration to leave")};
    }
    return leave_joint(now);
  }
  if (now.is_joint()) {
    return unexpected{std::string("a joint configuration must be left first")};
  }
  configuration target = now;
  for (const auto& c : change.changes) {
    if (c.id.is_none()) {
      return unexpected{std::string("a change names no member")};
    }
    perform(target, c);
  }
  if (target.voters.empty()) {
    return unexpected{std::string("the change would leave no voter")};
  }
  const bool is_simple =
      change.transition == joint_transition::automatic && change.changes.size() == 1;
  if (is_simple) {
    return target;
  }
  auto joint = enter_joint(now, std::move(target));
  joint.auto_leave = change.transition != joint_transition::explicit_leave;
  return joint;
}

}  // namespace troupe::raft
